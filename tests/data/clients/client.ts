// Asks a served dibao by the types that openapi-typescript made, and prints what it says.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });

function sure<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

async function main(): Promise<void> {
  const { columns } = sure(await client.GET("/api/v1/columns"));
  const { portals } = sure(await client.GET("/api/v1/portals"));
  const column = columns[0]?.name ?? "";
  const portal = portals[0]?.name ?? "";
  must(portals[0]?.columns[0] === column, "portals have their columns");

  const ids: string[] = [];
  let total: number | null | undefined;
  let cursor: string | null | undefined;
  do {
    const page = sure(
      await client.GET("/api/v1/articles", {
        params: {
          query: {
            portal: [portal],
            column: [column, `${portal}/*`],
            updated_since: "2020-01-01T08:00:00+08:00",
            sort: "updated",
            order: "asc",
            total: true,
            fields: ["title", "updated_at"],
            limit: 2,
            ...(cursor ? { cursor } : {}),
          },
        },
      }),
    );
    ids.push(...page.articles.map((part) => part.id));
    total = page.total;
    cursor = page.cursor;
  } while (cursor);
  must(total === ids.length && new Set(ids).size === ids.length, `${total}: ${ids}`);

  for (const id of ids) {
    const one = sure(await client.GET("/api/v1/articles/{id}", { params: { path: { id } } }));
    const kind: components["schemas"]["ChangeKind"] | undefined = one.revisions?.[0]?.kind;
    must(kind === "added", `${kind}`);
    console.log(one.id, one.revision, one.content_sha256, one.url, one.title);
  }

  const { changes } = sure(await client.GET("/api/v1/changes", { params: { query: { after: 0, limit: 1000 } } }));
  must(changes[0]?.seq === 1 && changes.every((change) => ids.includes(change.article.id)), "changes");
  const all = sure(await client.GET("/api/v1/export", { params: { query: { format: "json" } } }));
  must(Array.isArray(all) && all.length === ids.length, "an export");
  const words = changes[0]?.article.title.slice(0, 4) ?? "";
  const { hits } = sure(await client.GET("/api/v1/search", { params: { query: { q: words } } }));
  must(hits.some((hit) => hit.id === changes[0]?.article.id), "a search");

  const refused = await client.GET("/api/v1/articles", { params: { query: { portal: ["elsewhere"] } } });
  must(refused.response.status === 400 && refused.error?.parameter === "portal", "a refusal");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
