//! The packed site over HTTP: the best encoding the client takes, entity tags, the language of `/`, and the page for what
//! is not there. It makes no page of its own; the table in `sockscope_web` holds them all.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sockscope_web::Asset;

use crate::language::{self, Language};
use crate::negotiate::{self, Coding};

/// What a page may load: from here only, no inline scripts. The microscope compiles WebAssembly, hence `wasm-unsafe-eval`.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/// Everything that is no route of the API.
pub async fn serve(request: Request) -> Response {
    let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    if path == "/" {
        return home(headers);
    }
    if let Some(asset) = sockscope_web::asset(path) {
        return send(asset, method, headers, StatusCode::OK);
    }
    if let Some(moved) = with_the_other_ending(path) {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        return (StatusCode::PERMANENT_REDIRECT, [(LOCATION, format!("{moved}{query}"))]).into_response();
    }
    missing(path, method, headers)
}

/// `/` leads to the reader's language.
fn home(headers: &HeaderMap) -> Response {
    let language = language::of_page(headers);
    let mut response = StatusCode::FOUND.into_response();
    let answer = response.headers_mut();
    answer.insert(LOCATION, value(&format!("/{}/", language.code())));
    answer.insert(VARY, HeaderValue::from_static("accept-language, cookie"));
    answer.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// `/en` where only `/en/` exists, and the other way round.
fn with_the_other_ending(path: &str) -> Option<&'static str> {
    let other = match path.strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{path}/"),
    };
    sockscope_web::asset(&other).map(|asset| asset.path)
}

/// The page that says so, in the language of the path or else of the reader.
fn missing(path: &str, method: &Method, headers: &HeaderMap) -> Response {
    let of_path = path.split('/').nth(1).filter(|first| first.len() == 2).and_then(Language::from_code);
    let language = of_path.unwrap_or_else(|| language::of_page(headers));
    let page = sockscope_web::asset(&format!("/{}/404", language.code()));
    match page {
        // A conditional request must not turn "not found" into "not modified".
        Some(page) => send(page, method, &without_conditions(headers), StatusCode::NOT_FOUND),
        None => (StatusCode::NOT_FOUND, "404\n").into_response(),
    }
}

fn without_conditions(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove(IF_NONE_MATCH);
    headers
}

fn send(asset: &'static Asset, method: &Method, request: &HeaderMap, status: StatusCode) -> Response {
    let coding = negotiate::coding(request, asset.brotli.is_some(), asset.gzip.is_some());
    let Some(coding) = coding else {
        return StatusCode::NOT_ACCEPTABLE.into_response();
    };
    let (bytes, name, suffix) = match coding {
        Coding::Brotli => (asset.brotli.unwrap_or_default(), Some("br"), "-br"),
        Coding::Gzip => (asset.gzip.unwrap_or_default(), Some("gzip"), "-gz"),
        Coding::Identity => (asset.identity, None, ""),
    };
    // A strong tag names exact bytes, so each coding has its own (RFC 9110, 8.8.3.3).
    let tag = format!("{}{suffix}\"", asset.etag.trim_end_matches('"'));
    let fresh = status == StatusCode::OK && is_known(request, &tag);
    let body = if fresh || method == Method::HEAD { Body::empty() } else { Body::from(bytes) };
    let mut response = Response::new(body);
    *response.status_mut() = if fresh { StatusCode::NOT_MODIFIED } else { status };
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if status == StatusCode::OK {
        headers.insert(ETAG, value(&tag));
        let lifetime = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(lifetime));
    }
    if !asset.content_type.starts_with("text/html") {
        // The element works on any website: its script, wasm and styles may be loaded from everywhere.
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    if !fresh {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
        if let Some(name) = name {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        }
    }
    response
}

/// Whether the client has these bytes already (RFC 9110, 13.1.2: weak comparison).
fn is_known(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("paths and tags of the table are plain ASCII")
}

/// Middleware: what every answer says to protect its reader.
pub async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    response
}
