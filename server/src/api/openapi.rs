//! The description of the API (OpenAPI 3.1) and the page that shows it. The paths describe themselves beside their handlers;
//! the shapes of scenarios and traces stand in `schemas/*.json`, because core knows nothing of OpenAPI.

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};
use utoipa::OpenApi;

use crate::extract::Path;
use crate::problem::Problem;

/// The shapes of scenarios and traces, JSON Schema 2020-12 by name.
const SCHEMAS: &[&str] = &[
    include_str!("schemas/scenario.json"),
    include_str!("schemas/trace.json"),
    include_str!("schemas/event.json"),
    include_str!("schemas/wire.json"),
    include_str!("schemas/encapsulation.json"),
    include_str!("schemas/http.json"),
    include_str!("schemas/framing.json"),
    include_str!("schemas/packets.json"),
    include_str!("schemas/address.json"),
];

/// Title, licence and tags; the routes add the rest.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sockscope",
        description = "Runs a scenario (hosts, a link, a program for each host) on a modelled network or on real Linux \
            sockets, and answers with the trace: everything that happened, in time order. Errors are problem details \
            (RFC 9457) with a stable `code` and, where text is at fault, the place. `Accept-Language: zh` turns their \
            sentences into Chinese.",
    ),
    tags(
        (name = "runs", description = "Run a scenario and read its trace"),
        (name = "scenarios", description = "Scenarios that come with the server, and the check of any other"),
        (name = "http", description = "HTTP/1.1 messages looked into, and sent for real"),
        (name = "packets", description = "Captured bytes explained; a message wrapped layer by layer and unwrapped"),
        (name = "framing", description = "Message boundaries on a byte stream"),
        (name = "addresses", description = "IPv4 addresses, networks and byte order"),
        (name = "names", description = "Services, host names and this machine"),
        (name = "health", description = "Whether the server answers"),
        (name = "problems", description = "What the codes of errors mean"),
    ),
)]
struct Frame;

/// The description before the paths.
pub fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// The finished document; built when it is first asked for.
pub static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let mut document =
        serde_json::to_value(crate::routes::api().into_openapi()).expect("the description has text keys only");
    let schemas = document["components"]["schemas"].as_object_mut().expect("the routes have schemas");
    for shapes in SCHEMAS {
        let shapes: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(shapes).expect("the files of shapes are checked by a test");
        schemas.extend(shapes);
    }
    describe_refusals(&mut document);
    serde_json::to_vec_pretty(&document).expect("it was a value").into()
});

/// What any operation may answer without its handler: a parameter or a body that `extract` refuses, and a failure of ours.
/// Where the operation says it in its own words, those stay.
fn describe_refusals(document: &mut Value) {
    const PARAMETER: &[(&str, &str)] = &[("400", "A parameter is wrong, missing or unknown")];
    const BODY: &[(&str, &str)] = &[
        ("400", "The body is not JSON, or broke off"),
        ("408", "The body came too slowly"),
        ("413", "The body is too large"),
        ("415", "The body is of another type"),
        ("422", "The body is not what is asked for; `place` says where"),
    ];
    const ANY: &[(&str, &str)] = &[("500", "The server failed; the cause is in its log")];
    let problem = |description: &str| {
        json!({
            "description": description,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    };
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in paths.filter_map(Value::as_object_mut).flat_map(|operations| operations.values_mut()) {
        let body = if operation["requestBody"].is_object() { BODY } else { &[] };
        let queries = operation["parameters"].as_array().into_iter().flatten().any(|one| one["in"] == "query");
        let parameter = if queries { PARAMETER } else { &[] };
        let Some(responses) = operation["responses"].as_object_mut() else { continue };
        for (status, description) in body.iter().chain(parameter).chain(ANY) {
            responses.entry(*status).or_insert_with(|| problem(description));
        }
    }
}

/// This description
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "health", operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)))]
pub async fn document(headers: HeaderMap) -> Response {
    // One document for each build: its version is its tag.
    const TAG: HeaderValue = HeaderValue::from_static(concat!("W/\"", env!("CARGO_PKG_VERSION"), "\""));
    let cache = [(ETAG, TAG), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    if headers.get(IF_NONE_MATCH) == Some(&TAG) {
        return (StatusCode::NOT_MODIFIED, cache).into_response();
    }
    (cache, [(CONTENT_TYPE, "application/json")], DOCUMENT.clone()).into_response()
}

/// The page may style its own elements; nothing may come from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/// `/api`: the reference page.
pub async fn page() -> Response {
    const PAGE: &str = include_str!("reference.html");
    ([(CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE)).into_response()
}

/// `/api/ui/…`: the files of the reference page.
pub async fn file(Path(name): Path<String>, uri: Uri) -> Response {
    static CONFIG: LazyLock<Arc<utoipa_swagger_ui::Config<'static>>> = LazyLock::new(|| {
        let config = utoipa_swagger_ui::Config::from("/api/v1/openapi.json");
        Arc::new(config.try_it_out_enabled(true).use_base_layout().validator_url("none"))
    });
    match utoipa_swagger_ui::serve(&name, CONFIG.clone()) {
        Ok(Some(file)) => {
            let bytes = match file.bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            ([(CONTENT_TYPE, file.content_type), (CACHE_CONTROL, "public, max-age=3600".to_owned())], bytes)
                .into_response()
        }
        Ok(None) => super::missing::nothing_at(uri.path()).into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}
