//! The description of the API: complete, well formed, and true: real answers are checked against its schemas.

mod support;

use serde_json::{Value, json};
use support::{assert_valid, schema};

async fn document(server: &support::Server) -> Value {
    server.json("/api/v1/openapi.json").await
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_every_reference_in_it_leads_somewhere() {
    let server = support::start().await;
    let document = document(&server).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("references stay in the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.push(reference.clone());
            }
            fields.values().for_each(|field| collect(field, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[tokio::test]
async fn every_described_path_is_routed_and_says_what_may_come_back() {
    let server = support::start().await;
    let document = document(&server).await;
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 9, "{:?}", paths.keys());
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(operation["operationId"].is_string(), "{method} {path}");
            assert!(!operation["responses"].as_object().unwrap().is_empty(), "{method} {path}");
            let concrete = path.replace("{name}", "sticky").replace("{code}", "busy").replace("{id}", "0");
            let response = server.request(&method.to_uppercase(), &concrete).send().await.unwrap();
            let status = response.status().as_u16().to_string();
            assert_ne!(status, "405", "{method} {path}");
            let described = |status: &str| operation["responses"].as_object().unwrap().contains_key(status);
            assert!(described(&status), "{method} {path} answers {status}, which is not described");
            if operation["requestBody"].is_null() {
                continue;
            }
            for (kind, body) in [
                ("application/json", "{".to_owned()),
                ("application/json", "{\"colour\": 1}".to_owned()),
                ("application/json", format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))),
                ("application/json", " ".repeat(if path.ends_with("dissect") { 45 << 20 } else { 3 << 20 })),
                ("text/plain", "{}".to_owned()),
            ] {
                let request = server.request(&method.to_uppercase(), &concrete).header("content-type", kind);
                let response = request.body(body).send().await.unwrap();
                let status = response.status().as_u16();
                assert!((400..500).contains(&status) && described(&status.to_string()), "{method} {path}: {status}");
                assert_eq!(response.headers()["content-type"], "application/problem+json", "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_reader_of_the_reference_page_finds_something_to_try_in_every_operation() {
    let server = support::start().await;
    let document = document(&server).await;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                // Nobody knows the id of a run before it ran.
                let optional = parameter["required"] != json!(true) || parameter["name"] == "id";
                let shown = [&parameter["example"], &parameter["schema"]["example"]].iter().any(|one| !one.is_null());
                assert!(optional || shown, "{method} {path}: {}", parameter["name"]);
            }
            let Some(content) = operation["requestBody"]["content"].get("application/json") else { continue };
            let mut schema = &content["schema"];
            if let Some(reference) = schema["$ref"].as_str() {
                schema = document.pointer(&reference[1..]).unwrap();
            }
            let example = [&content["example"], &content["examples"], &schema["example"], &schema["examples"][0]];
            let example = example.into_iter().find(|one| !one.is_null());
            let example = example.unwrap_or_else(|| panic!("{method} {path} has no example of its body"));
            let response = server.request(&method.to_uppercase(), path).json(example).send().await.unwrap();
            assert_eq!(response.status(), 200, "{method} {path}: the example {example}");
        }
    }
}

#[tokio::test]
async fn real_runs_have_the_described_shape() {
    let server = support::start().await;
    let document = document(&server).await;
    let answer = schema(&document, "Report");
    let event = schema(&document, "Event");
    for name in
        ["sticky", "handshake", "peer-exit", "broken-pipe", "udp-echo", "broadcast", "prefix", "http", "services"]
    {
        let run = server.post("/api/v1/runs").json(&json!({ "scenario": name })).send().await.unwrap();
        let run: Value = run.json().await.unwrap();
        for one in run["events"].as_array().unwrap() {
            assert_valid(&event, one);
        }
        let mut rest = run.clone();
        rest["events"] = json!([]);
        assert_valid(&answer, &rest);
    }
}

#[tokio::test]
async fn an_event_that_is_none_does_not_have_the_described_shape() {
    let server = support::start().await;
    let document = document(&server).await;
    let event = schema(&document, "Event");
    let good = json!({ "time": 1, "evidence": "simulated", "layer": "link", "event": "delivered", "frame": 1 });
    assert_valid(&event, &good);
    for (field, value) in [("layer", json!("ether")), ("frame", json!("one")), ("colour", json!("red"))] {
        let mut bad = good.clone();
        bad[field] = value;
        assert!(!event.is_valid(&bad), "{bad}");
    }
}

#[tokio::test]
async fn scenarios_problems_and_stream_lines_have_the_described_shape() {
    let server = support::start().await;
    let document = document(&server).await;
    let listed = server.json("/api/v1/scenarios").await;
    for row in listed.as_array().unwrap() {
        assert_valid(&schema(&document, "Listed"), row);
        let shown = server.json(&format!("/api/v1/scenarios/{}", row["name"].as_str().unwrap())).await;
        assert_valid(&schema(&document, "Shown"), &shown);
    }
    assert_valid(&schema(&document, "Health"), &server.json("/api/v1/health").await);
    let wrong = json!({ "toml": "a = 1\n[[host]]\nprogram = \"class A: pass\"" });
    let response = server.post("/api/v1/runs").json(&wrong).send().await.unwrap();
    assert_valid(&schema(&document, "Problem"), &response.json().await.unwrap());
    let request = server.post("/api/v1/runs").header("accept", "application/x-ndjson");
    let text = request.json(&json!({ "scenario": "sticky" })).send().await.unwrap().text().await.unwrap();
    let line = schema(&document, "StreamLine");
    for json in text.lines() {
        assert_valid(&line, &serde_json::from_str(json).unwrap());
    }
}

#[tokio::test]
async fn the_reference_page_and_all_it_loads_come_from_here() {
    let server = support::start().await;
    let page = server.get("/api").send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let page = page.text().await.unwrap();
    let loaded: Vec<&str> = page
        .split(['"'])
        .filter(|part| part.starts_with("/api/ui/") || part.starts_with("http") || part.starts_with("//"))
        .collect();
    assert!(loaded.len() >= 4, "{loaded:?}");
    for path in loaded {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
    }
    let missing = server.get("/api/ui/nothing.js").send().await.unwrap();
    support::problem(missing, 404, "not_found").await;
}

#[tokio::test]
async fn the_document_is_not_sent_twice_to_who_has_it() {
    let server = support::start().await;
    let first = server.get("/api/v1/openapi.json").send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    let again = server.get("/api/v1/openapi.json").header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
}

#[tokio::test]
async fn what_is_wrapped_and_unwrapped_has_the_described_shape() {
    let server = support::start().await;
    let document = document(&server).await;
    let (order, answer) = (schema(&document, "EncapsulationOrder"), schema(&document, "Encapsulation"));
    let long = json!({ "base64": "AAAA".repeat(1_000) });
    for request in [
        json!({ "wrap": {} }),
        json!({ "wrap": { "payload": long, "transport": "udp", "noise": [{ "unit": 1, "bit": 400 }] } }),
        json!({ "wrap": { "payload": { "text": "GET / HTTP/1.1" }, "forced": { "transport": 1, "fcs": 2 } } }),
        json!({ "unwrap": { "base64": "RQAAHAAA" } }),
    ] {
        assert_valid(&order, &request);
        let response = server.post("/api/v1/packets/encapsulate").json(&request).send().await.unwrap();
        assert_eq!(response.status(), 200, "{request}");
        assert_valid(&answer, &response.json().await.unwrap());
    }
    for (wrong, path, offset) in [
        (json!({}), None, None),
        (json!({ "wrap": {}, "unwrap": { "text": "a" } }), None, None),
        (json!({ "wrap": { "payload": { "text": "a", "base64": "YQ==" } } }), Some("wrap.payload"), None),
        (json!({ "wrap": { "payload": { "base64": "YWJj*" } } }), Some("wrap.payload.base64"), Some(4)),
        (json!({ "unwrap": { "base64": "*" } }), Some("unwrap.base64"), Some(0)),
        (json!({ "unwrap": { "hex": "00" } }), Some("unwrap.hex"), None),
    ] {
        assert!(!order.is_valid(&wrong) || offset.is_some(), "{wrong}");
        let response = server.post("/api/v1/packets/encapsulate").json(&wrong).send().await.unwrap();
        let place = &support::problem(response, 422, "invalid_request").await["place"];
        assert_eq!((place["path"].as_str(), place["offset"].as_u64()), (path, offset), "{wrong}");
        assert_ne!(place["line"], 0, "lines count from 1: {wrong}");
    }
    let small = json!({ "wrap": { "mtu": 67 } });
    let response = server.post("/api/v1/packets/encapsulate").json(&small).send().await.unwrap();
    let problem = support::problem(response, 422, "mtu_too_small").await;
    assert_eq!(problem["place"]["path"], "wrap.mtu");
}
