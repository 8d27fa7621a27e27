#!/usr/bin/env bash
# apsw 3.54.1.0 (PyPI), which is SQLite 3.54.1.
#
# Expected: `PRAGMA integrity_check` says "ok" of a sound database, through whichever connection it is
#   asked (https://www.sqlite.org/pragma.html#pragma_integrity_check; since 3.44 it checks indexes of
#   FTS5 as well).
# Seen: a connection that has checked once, or searched, calls the FTS5 index corrupt at its next check
#   if another connection has written in between. The writer itself and a new connection say "ok". A
#   search through the same connection is answered rightly.
# Why it matters: a service that collects and indexes notices checks its database now and then through
#   a connection that it keeps, beside the one that writes. It reports damage that is none, refuses its
#   backup, or restores an old one in place of good data. Check through a new connection each time.
source "$(dirname "$0")/lib.sh"
python_packages apsw==3.54.1.0

seen=$(python <<'END'
import apsw

def check(connection):
    return [row[0] for row in connection.execute("PRAGMA integrity_check")]

def add(connection, count):
    for number in range(count):
        text = f"关于 做好 第 {number} 批 老旧 小区 改造 工作 的 通知"
        connection.execute("INSERT INTO notices (body) VALUES (?)", (text,))

print("SQLite", apsw.sqlitelibversion())
writer = apsw.Connection("notices.db")
writer.execute("PRAGMA journal_mode = WAL")
writer.execute("CREATE VIRTUAL TABLE notices USING fts5 (body)")
reader = apsw.Connection("notices.db", flags=apsw.SQLITE_OPEN_READONLY)
add(writer, 10)
print("kept connection", check(reader))
add(writer, 200)
print("kept connection", check(reader))
found = "SELECT count(*) FROM notices WHERE notices MATCH '改造'"
print("kept connection finds", next(reader.execute(found))[0])
print("writer", check(writer))
print("new connection", check(apsw.Connection("notices.db", flags=apsw.SQLITE_OPEN_READONLY)))
END
)

compare "$seen" <<'END'
SQLite 3.54.1
kept connection ['ok']
kept connection ['fts5: corruption found reading blob 1374389534721 from table "notices"']
kept connection finds 210
writer ['ok']
new connection ['ok']
END
