//! `openapi.json`: OpenAPI 3.1 of the API, made from the parameters and the types of answers.
//!
//! Owns the version of the API and the texts about its endpoints. Never answers a request.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::answers::*;
use super::parameters::*;
use crate::model::Article;
use crate::render::schema::plain_enums;
use crate::render::{ColumnInfo, RenderError, Site};

/// The version of the API. Every change that clients notice raises it.
const VERSION: &str = "1.0.0";

/// The groups of endpoints.
const TAGS: [(&str, &str); 3] = [
    (
        ARTICLES_TAG,
        "Articles: lists, single ones, searches, all of them.",
    ),
    (CHANGES_TAG, "What happened to articles, for mirrors."),
    (COLUMNS_TAG, "Columns, portals, and how they stand."),
];
const ARTICLES_TAG: &str = "articles";
const CHANGES_TAG: &str = "changes";
const COLUMNS_TAG: &str = "columns";

/// An endpoint.
struct Operation {
    path: &'static str,
    id: &'static str,
    tag: &'static str,
    about: &'static str,
    parameters: &'static [Parameter],
    /// The schemas of its answer, by media type.
    content: Value,
    /// The statuses of its own problems, beside the common ones.
    problems: &'static [&'static str],
    headers: &'static [&'static str],
}

/// Writes the document for a site with these columns.
pub fn render(site: &Site, columns: &[ColumnInfo]) -> Result<Vec<u8>, RenderError> {
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .with_transform(plain_enums)
        .into_generator();
    let operations = operations(&mut generator);
    let problem = generator.subschema_for::<ProblemAnswer>().to_value();
    let mut paths = Map::new();
    for operation in &operations {
        paths.insert(operation.path.to_owned(), path(operation, columns));
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            // Generators make the name of a package from it.
            "title": "dibao",
            "version": VERSION,
            "description": "邸报 dibao: news columns of Chinese government portals as data. A mirror takes `/api/v1/export` with its \
                `Dibao-Seq`, then `/api/v1/changes` from that number on. Requests are counted by client: a client with too many gets 429.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": site.base_url.as_str().trim_end_matches('/')}],
        // It asks for no key.
        "security": [],
        "tags": TAGS.map(|(name, about)| json!({"name": name, "description": about})),
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "headers": headers(),
            "responses": problems(&problem),
        },
    });
    Ok(serde_json::to_vec_pretty(&document)?)
}

fn operations(generator: &mut SchemaGenerator) -> Vec<Operation> {
    fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
        json!({"application/json": {"schema": generator.subschema_for::<T>()}})
    }
    let article = generator.subschema_for::<Article>();
    vec![
        Operation {
            path: "/api/v1/articles",
            id: "articles",
            tag: ARTICLES_TAG,
            about: "Articles, the last added first, or in another order.",
            parameters: OF_ARTICLES,
            content: schema_of::<ArticlesAnswer>(generator),
            problems: &[],
            headers: &[],
        },
        Operation {
            path: "/api/v1/articles/{id}",
            id: "article",
            tag: ARTICLES_TAG,
            about: "One article with its last 1,000 changes. A removed article is a tombstone.",
            parameters: OF_ARTICLE,
            content: schema_of::<ArticleAnswer>(generator),
            problems: &["404"],
            headers: &[],
        },
        Operation {
            path: "/api/v1/changes",
            id: "changes",
            tag: CHANGES_TAG,
            about: "The changes after a number, without gaps, each with the article as it was then. A removed article is a tombstone in all its changes.",
            parameters: OF_CHANGES,
            content: schema_of::<ChangesAnswer>(generator),
            problems: &["409"],
            headers: &[],
        },
        Operation {
            path: "/api/v1/export",
            id: "export",
            tag: ARTICLES_TAG,
            about: "All articles, or those that match, as they were at the change `Dibao-Seq`, with withdrawn ones and tombstones.",
            parameters: OF_EXPORT,
            // Generated clients read an answer as the first type says that they know: as a text here.
            content: json!({
                "text/csv": {"schema": {"type": "string"}},
                "application/x-ndjson": {"schema": {"type": "string"}},
                "application/json": {"schema": {"type": "array", "items": article}},
            }),
            problems: &[],
            headers: &["Dibao-Seq", "Dibao-Articles"],
        },
        Operation {
            path: "/api/v1/search",
            id: "search",
            tag: ARTICLES_TAG,
            about: "Articles with these words, best first, without withdrawn ones. A search needs words or a filter.",
            parameters: OF_SEARCH,
            content: schema_of::<SearchAnswer>(generator),
            problems: &[],
            headers: &[],
        },
        Operation {
            path: "/api/v1/columns",
            id: "columns",
            tag: COLUMNS_TAG,
            about: "The followed columns.",
            parameters: &[],
            content: schema_of::<ColumnsAnswer>(generator),
            problems: &[],
            headers: &[],
        },
        Operation {
            path: "/api/v1/portals",
            id: "portals",
            tag: COLUMNS_TAG,
            about: "The portals that have a column.",
            parameters: &[],
            content: schema_of::<PortalsAnswer>(generator),
            problems: &[],
            headers: &[],
        },
        Operation {
            path: "/api/v1/status",
            id: "status",
            tag: COLUMNS_TAG,
            about: "The state of every column, and the open incidents.",
            parameters: &[],
            content: schema_of::<StatusAnswer>(generator),
            problems: &[],
            headers: &[],
        },
    ]
}

fn path(operation: &Operation, columns: &[ColumnInfo]) -> Value {
    let of_path = operation.path.contains("{id}").then(|| {
        json!({
            "name": "id", "in": "path", "required": true,
            "description": "The article's id, without `urn:uuid:`.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "5e1a5f8c-6f0e-5c1e-9f43-7d6d3f1f6b1a",
        })
    });
    let of_query = operation.parameters.iter();
    let of_query = of_query.map(|parameter| written(parameter, columns));
    let parameters: Vec<Value> = of_path.into_iter().chain(of_query).collect();
    let mut headers = Map::new();
    for header in ["ETag", "Cache-Control"].iter().chain(operation.headers) {
        let reference = json!({"$ref": format!("#/components/headers/{header}")});
        headers.insert((*header).to_owned(), reference);
    }
    let mut responses = Map::new();
    let about = json!({
        "description": operation.about,
        "headers": headers,
        "content": operation.content,
    });
    responses.insert("200".to_owned(), about);
    let unchanged = json!({"description": "The client has it already (`If-None-Match`)."});
    responses.insert("304".to_owned(), unchanged);
    for status in ["400", "405", "429", "503"]
        .iter()
        .chain(operation.problems)
    {
        let reference = json!({"$ref": format!("#/components/responses/{status}")});
        responses.insert((*status).to_owned(), reference);
    }
    let get = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.about.split_inclusive('.').next(),
        "description": operation.about,
        "parameters": parameters,
        "responses": responses,
    });
    json!({"get": get})
}

fn written(parameter: &Parameter, columns: &[ColumnInfo]) -> Value {
    let mut written = json!({
        "name": parameter.name,
        "in": "query",
        "required": false,
        "description": parameter.about,
        "schema": schema(parameter.kind),
    });
    let first = columns.first();
    let example = match parameter.kind {
        Kind::Number { .. } => parameter.example.parse().ok().map(|n: i64| json!(n)),
        Kind::Flag => Some(json!(parameter.example == "true")),
        Kind::Fields => Some(json!(parameter.example.split(',').collect::<Vec<_>>())),
        Kind::Columns(_) => first.map(|column| json!([column.name])),
        Kind::Portals(_) => first.map(|column| json!([column.name.portal()])),
        Kind::Cursor { .. } | Kind::Place => None,
        _ => Some(json!(parameter.example)),
    };
    if let Some(members) = written.as_object_mut() {
        members.extend(example.map(|example| ("example".to_owned(), example)));
    }
    written
}

fn schema(kind: Kind) -> Value {
    let list = |most: usize, items: Value| json!({"type": "array", "minItems": 1, "maxItems": most, "items": items});
    match kind {
        Kind::Text(longest) | Kind::Words(longest) | Kind::IndexNumber(longest) => {
            json!({"type": "string", "minLength": 1, "maxLength": longest})
        }
        Kind::Number { least, most, usual } => {
            json!({"type": "integer", "minimum": least, "maximum": most, "default": usual})
        }
        Kind::Day => json!({"type": "string", "format": "date"}),
        Kind::Moment => json!({
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
            ],
        }),
        Kind::Flag => json!({"type": "boolean", "default": false}),
        Kind::Choice(choices) => {
            json!({"type": "string", "enum": choices, "default": choices.first()})
        }
        Kind::Columns(most) => list(most, json!({"type": "string", "pattern": PATTERN})),
        Kind::Portals(most) => list(most, json!({"type": "string", "pattern": PORTAL_NAME})),
        Kind::Keywords(most) => list(most, json!({"type": "string", "minLength": 1})),
        Kind::Fields => json!({
            "type": "array", "minItems": 1,
            "items": {"type": "string", "enum": MEMBERS},
        }),
        Kind::Cursor { .. } => json!({"type": "string", "pattern": CURSOR}),
        Kind::Place => json!({"type": "string", "pattern": PLACE}),
    }
}

fn headers() -> Value {
    json!({
        "ETag": {
            "description": "The entity tag of the answer, for `If-None-Match`.",
            "required": true, "schema": {"type": "string"},
        },
        "Cache-Control": {
            "description": "How long a copy stays fresh.",
            "required": true, "schema": {"type": "string"},
        },
        "Dibao-Seq": {
            "description": "The number of the last change in these articles: the value of `after` for the next changes.",
            "required": true, "schema": {"type": "integer", "minimum": 0},
        },
        "Dibao-Articles": {
            "description": "How many articles there are. An answer with fewer was cut off.",
            "required": true, "schema": {"type": "integer", "minimum": 0},
        },
        "Retry-After": {
            "description": "Seconds until the client should try again.",
            "required": true, "schema": {"type": "integer", "minimum": 1},
        },
        "Allow": {
            "description": "The methods of this URL.",
            "required": true, "schema": {"type": "string"},
        },
    })
}

fn problems(schema: &Value) -> Value {
    let mut problems = Map::new();
    for (status, title, code, header, about) in [
        (
            "400",
            "Bad Request",
            "bad-parameter",
            None,
            "A parameter is not valid; `parameter` names it.",
        ),
        (
            "404",
            "Not Found",
            "not-found",
            None,
            "The article does not exist.",
        ),
        (
            "405",
            "Method Not Allowed",
            "method",
            Some("Allow"),
            "This URL can only be read.",
        ),
        (
            "409",
            "Conflict",
            "beyond",
            None,
            "The store has fewer changes than the client, so it is another store: a mirror begins anew from a snapshot.",
        ),
        (
            "429",
            "Too Many Requests",
            "too-often",
            Some("Retry-After"),
            "The client sends too many requests.",
        ),
        (
            "503",
            "Service Unavailable",
            "store-closed",
            Some("Retry-After"),
            "The store does not answer at the moment.",
        ),
    ] {
        let number: u16 = status.parse().unwrap_or_default();
        let mut problem = json!({
            "description": about,
            "content": {"application/problem+json": {
                "schema": schema,
                "example": {"type": "about:blank", "title": title, "status": number, "code": code, "detail": about},
            }},
        });
        if let (Some(header), Some(problem)) = (header, problem.as_object_mut()) {
            let reference = json!({header: {"$ref": format!("#/components/headers/{header}")}});
            problem.insert("headers".to_owned(), reference);
        }
        problems.insert(status.to_owned(), problem);
    }
    Value::Object(problems)
}
