//! The packed site over HTTP: encodings, entity tags, languages, headers that protect. What the pages say is not judged here.

mod support;

use sockscope_web::ASSETS;

#[tokio::test]
async fn the_root_leads_to_the_readers_language() {
    let server = support::start().await;
    for (name, value, target) in [
        ("accept-language", "zh-CN,zh;q=0.9,en;q=0.8", "/zh/"),
        ("accept-language", "fr, en;q=0.5", "/en/"),
        ("accept-language", "en;q=0.1, zh;q=0.3", "/zh/"),
        ("cookie", "other=1; language=zh", "/zh/"),
        ("x-nothing", "", "/en/"),
    ] {
        let response = server.get("/").header(name, value).send().await.unwrap();
        assert_eq!(response.status(), 302);
        assert_eq!(response.headers()["location"], target, "{name}: {value}");
        assert_eq!(response.headers()["vary"], "accept-language, cookie");
    }
    let both = server.get("/").header("cookie", "language=en").header("accept-language", "zh").send().await.unwrap();
    assert_eq!(both.headers()["location"], "/en/", "the reader's own choice goes first");
}

#[tokio::test]
async fn every_file_is_served_with_its_type_and_its_bytes() {
    let server = support::start().await;
    for asset in ASSETS {
        let response = server.get(asset.path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{}", asset.path);
        assert_eq!(response.headers()["content-type"], asset.content_type, "{}", asset.path);
        assert_eq!(response.bytes().await.unwrap(), asset.identity, "{}", asset.path);
    }
}

#[tokio::test]
async fn the_best_encoding_that_the_client_takes_is_sent() {
    let server = support::start().await;
    let asset = ASSETS.iter().find(|asset| asset.brotli.is_some() && asset.gzip.is_some()).expect("one is packed");
    let (brotli, gzip) = (asset.brotli.unwrap(), asset.gzip.unwrap());
    for (wish, coding, bytes) in [
        ("gzip, deflate, br", Some("br"), brotli),
        ("gzip", Some("gzip"), gzip),
        ("br;q=0.1, gzip;q=0.9", Some("gzip"), gzip),
        ("br;q=0, *;q=0.5", Some("gzip"), gzip),
        ("zstd", None, asset.identity),
        ("", None, asset.identity),
    ] {
        let response = server.get(asset.path).header("accept-encoding", wish).send().await.unwrap();
        assert_eq!(response.status(), 200, "{wish}");
        let sent = response.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(sent.as_deref(), coding, "{wish}");
        assert_eq!(response.headers()["vary"], "accept-encoding");
        assert_eq!(response.bytes().await.unwrap(), bytes, "{wish}");
    }
    let none = server.get(asset.path).header("accept-encoding", "*;q=0").send().await.unwrap();
    assert_eq!(none.status(), 406);
}

#[tokio::test]
async fn a_known_tag_is_answered_without_the_bytes() {
    let server = support::start().await;
    let asset = ASSETS.iter().find(|asset| asset.brotli.is_some()).expect("one is packed");
    let tag = |coding: &'static str| {
        let request = server.get(asset.path).header("accept-encoding", coding);
        async move { request.send().await.unwrap().headers()["etag"].to_str().unwrap().to_owned() }
    };
    let (identity, brotli) = (tag("identity").await, tag("br").await);
    assert_eq!(identity, asset.etag);
    assert_ne!(identity, brotli, "different bytes have different strong tags");
    for known in [brotli.clone(), format!("W/{brotli}"), format!("\"other\", {brotli}"), "*".to_owned()] {
        let request = server.get(asset.path).header("accept-encoding", "br").header("if-none-match", &known);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 304, "{known}");
        assert_eq!(response.headers()["etag"], brotli);
        assert_eq!(response.bytes().await.unwrap(), "");
    }
    let stale = server.get(asset.path).header("accept-encoding", "br").header("if-none-match", &identity);
    assert_eq!(stale.send().await.unwrap().status(), 200, "the tag of another encoding");
}

#[tokio::test]
async fn names_that_change_with_their_content_are_cached_for_ever_and_others_are_asked_about() {
    let server = support::start().await;
    for asset in ASSETS {
        let response = server.get(asset.path).send().await.unwrap();
        let lifetime = response.headers().get("cache-control").unwrap().to_str().unwrap();
        assert_eq!(lifetime.contains("immutable"), asset.immutable, "{}", asset.path);
        assert_eq!(lifetime == "no-cache", !asset.immutable, "{}", asset.path);
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = support::start().await;
    let answer = server.raw("HEAD /en/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = sockscope_web::asset("/en/").unwrap().identity.len();
    assert!(head.contains(&format!("content-length: {length}")), "{head}");
    assert_eq!(body, "");
}

#[tokio::test]
async fn what_is_missing_is_said_in_the_language_of_its_path() {
    let server = support::start().await;
    for (path, wish, language) in [
        ("/zh/nowhere", "en", "zh"),
        ("/en/nowhere", "zh", "en"),
        ("/nowhere", "zh", "zh"),
        ("/nowhere", "fr", "en"),
        ("/assets/../../etc/passwd", "en", "en"),
    ] {
        let response = server.get(path).header("accept-language", wish).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert!(response.headers().get("etag").is_none());
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("lang=\"{language}\"")), "{path}");
    }
}

#[tokio::test]
async fn a_page_without_its_closing_slash_is_led_there() {
    let server = support::start().await;
    let response = server.get("/en?x=1").send().await.unwrap();
    assert_eq!(response.status(), 308);
    assert_eq!(response.headers()["location"], "/en/?x=1");
}

#[tokio::test]
async fn pages_run_no_inline_script_and_load_nothing_from_elsewhere() {
    let server = support::start().await;
    for path in ["/en/", "/zh/nowhere", "/api", "/api/v1/health"] {
        let response = server.get(path).send().await.unwrap();
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap();
        assert!(!scripts.contains("unsafe-inline") && !scripts.contains("'unsafe-eval'"), "{path}: {scripts}");
        assert!(!policy.contains("http"), "{path}: {policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "strict-origin-when-cross-origin");
    }
    let page = server.get("/en/").send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("'wasm-unsafe-eval'"));
}

#[tokio::test]
async fn other_websites_may_load_the_element_and_ask_the_api() {
    let server = support::start().await;
    let script = ASSETS.iter().find(|asset| asset.content_type.contains("css")).expect("a style is packed");
    let response = server.get(script.path).header("origin", "https://example.org").send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert_eq!(response.headers()["cross-origin-resource-policy"], "cross-origin");
    let preflight = server
        .request("OPTIONS", "/api/v1/runs")
        .header("origin", "https://example.org")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 200);
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    let allowed = preflight.headers()["access-control-allow-methods"].to_str().unwrap();
    assert!(allowed.contains("POST"), "{allowed}");
}

#[tokio::test]
async fn the_site_only_reads() {
    let server = support::start().await;
    let response = server.post("/en/").send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET, HEAD");
}
