#!/usr/bin/env bash
# Checks a package: what is in it, what lintian says, and that it installs into an empty folder, where
# the program runs and systemd finds no fault with the units.
#
#   packaging/deb/check.sh dibao_….deb
set -euo pipefail
package="$(realpath "$1")"
root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT

fail() {
  echo "deb: $1" >&2
  exit 1
}

listed="$(dpkg-deb --contents "$package")"
for path in usr/bin/dibao usr/lib/sysusers.d/dibao.conf usr/lib/systemd/system/dibao.service \
  usr/lib/systemd/system/dibao-backup.service usr/lib/systemd/system/dibao-backup.timer \
  usr/share/doc/dibao/operating.md usr/share/doc/dibao/zh/operating.md usr/share/doc/dibao/copyright \
  usr/share/doc/dibao/examples/nginx-proxy.conf usr/share/doc/dibao/examples/cron.toml \
  usr/share/doc/dibao/examples/dibao.toml usr/share/doc/dibao/examples/feeds/lucheng/work-news.toml; do
  grep -q " \./$path$" <<<"$listed" || fail "there is no $path in it"
done
! grep -vE '^.{10} (root/root|0/0) ' <<<"$listed" || fail "these files are not root's"

if command -v lintian >/dev/null; then
  # Debian's own rules about its archive: bug numbers, manual pages, helpers for maintainer scripts.
  lintian --fail-on error --suppress-tags \
    initial-upload-closes-no-bugs,no-manual-page,maintainer-script-calls-systemctl,no-changelog,wrong-name-for-upstream-changelog "$package"
else
  echo "deb: lintian is not installed (apt-get install lintian)"
fi

mkdir -p "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/info" "$root/etc"
touch "$root/var/lib/dpkg/status"
dpkg --root="$root" --force-script-chrootless --force-depends --force-not-root --install "$package"
grep -q '^dibao:' "$root/etc/passwd" || fail "it made no user"
[ -d "$root/etc/dibao" ] || fail "it made no folder for the configuration"
"$root/usr/bin/dibao" --version
examples="$root/usr/share/doc/dibao/examples"
(cd "$examples" && "$root/usr/bin/dibao" check --offline)
if grep -rn /usr/local "$root/usr/lib/systemd"; then
  fail "a unit names a program that the package does not have"
fi
if command -v systemd-analyze >/dev/null; then
  for unit in "$root"/usr/lib/systemd/system/*; do
    sed -i "s#/usr/bin/dibao#$root/usr/bin/dibao#" "$unit"
  done
  systemd-analyze verify "$root"/usr/lib/systemd/system/* 2>&1 | tee "$root/verified"
  ! grep -q dibao "$root/verified" || fail "systemd finds faults with the units"
fi
dpkg --root="$root" --force-script-chrootless --force-not-root --purge dibao
[ -d "$root/etc/dibao" ] || fail "a purge took the configuration"
[ ! -e "$root/usr/bin/dibao" ] || fail "a purge left the program"
echo "deb: $package is well"
