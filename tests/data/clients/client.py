"""Asks a served dibao by the client that openapi-python-client made, and prints what it says."""

import datetime
import json
import sys

from dibao_client import Client
from dibao_client.api.articles import article, articles, export, search
from dibao_client.api.changes import changes
from dibao_client.api.columns import columns, portals, status
from dibao_client.models import (
    ArticlesFieldsItem,
    ArticlesOrder,
    ArticlesSort,
    ChangeKind,
    ExportFormat,
    ProblemAnswer,
)

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)
china = datetime.timezone(datetime.timedelta(hours=8))
since = datetime.datetime(2020, 1, 1, 8, tzinfo=china)

listed = columns.sync(client=client).columns
(portal,) = portals.sync(client=client).portals
assert portal.columns == [column.name for column in listed]
assert status.sync(client=client).columns[0].column == listed[0].name

# Page by page, in an order of our own, with several columns and some members alone.
ids, cursor, total = [], {}, None
while True:
    page = articles.sync(
        client=client,
        portal=[portal.name],
        column=[listed[0].name, "*/" + listed[0].name.split("/")[1]],
        updated_since=since,
        sort=ArticlesSort.UPDATED,
        order=ArticlesOrder.ASC,
        total=True,
        fields=[ArticlesFieldsItem.TITLE, ArticlesFieldsItem.UPDATED_AT],
        limit=2,
        **cursor,
    )
    assert isinstance(page.articles[0].updated_at, datetime.datetime)
    total = page.total
    ids += [str(part.id) for part in page.articles]
    if page.cursor is None:
        break
    cursor = {"cursor": page.cursor}
assert total == len(ids) == len(set(ids)), (total, ids)

for id in ids:
    one = article.sync(id, client=client)
    assert [revision.kind for revision in one.revisions][0] == ChangeKind.ADDED
    assert one.published_on is None or isinstance(one.published_on, datetime.date)
    print(one.id, one.revision, one.content_sha256, one.url, one.title)

page = changes.sync(client=client, after=0, limit=1000)
assert page.changes[0].kind == ChangeKind.ADDED and page.changes[0].seq == 1
assert {str(change.article.id) for change in page.changes} == set(ids)

# A text, in the format of the default and in any other.
everything = [json.loads(line) for line in export.sync(client=client).splitlines()]
assert everything == json.loads(export.sync(client=client, format_=ExportFormat.JSON, column=["*/*"]))
assert len(export.sync(client=client, format_=ExportFormat.CSV).splitlines()) > len(everything)
assert [one["id"] for one in everything] == sorted(ids, key=[str(c.article.id) for c in page.changes].index)

found = search.sync(client=client, q=everything[0]["title"][:4])
assert everything[0]["id"] in [str(hit.id) for hit in found.hits]

refused = articles.sync(client=client, portal=["elsewhere"])
assert isinstance(refused, ProblemAnswer) and refused.parameter == "portal", refused
