//! HTTP over the API: what is parsed, and what is sent for real.

mod support;

use serde_json::{Value, json};
use support::problem;

async fn post(server: &support::Server, path: &str, body: &Value) -> Value {
    let response = server.post(path).json(body).send().await.unwrap();
    assert_eq!(response.status(), 200, "{body}");
    response.json().await.unwrap()
}

async fn exchange(server: &support::Server, body: Value) -> Value {
    let answer = post(server, "/api/v1/http/exchange", &body).await;
    valid(server, "Exchange", &answer).await;
    answer
}

async fn valid(server: &support::Server, name: &str, value: &Value) {
    let mut root = server.json("/api/v1/openapi.json").await;
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["$ref"] = json!(format!("#/components/schemas/{name}"));
    let validator = jsonschema::draft202012::new(&root).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}\n{value:#}", errors.join("\n"));
}

fn statuses(exchange: &Value) -> Vec<u64> {
    exchange["requests"].as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap_or(0)).collect()
}

#[tokio::test]
async fn a_message_is_parsed_with_the_place_of_every_part_and_of_its_error() {
    let server = support::start().await;
    let text = "POST /a?b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;q=2\r\na\r\n0\r\nT: 1\r\n\r\nG(T / HTTP/1.1\r\n";
    let whole = post(&server, "/api/v1/http/parse", &json!({ "text": text })).await;
    valid(&server, "HttpReport", &whole).await;
    assert_eq!(whole["messages"][0]["target"]["query"]["text"], "b");
    assert_eq!(whole["messages"][0]["framing"]["reason"], "chunked");
    assert_eq!(whole["error"]["code"], "method_byte");
    assert_eq!((&whole["error"]["byte"], &whole["error"]["class"]), (&json!(40), &json!("syntax")));
    let base64 = "UE9TVCAvYT9iIEhUVFAvMS4xDQpIb3N0OiB4DQpUcmFuc2Zlci1FbmNvZGluZzogY2h1bmtlZA0KDQoxO3E9Mg0KYQ0KMA0KVDogMQ0KDQpHKFQgLyBIVFRQLzEuMQ0K";
    let cut = post(&server, "/api/v1/http/parse", &json!({ "base64": base64, "split": "bytes" })).await;
    assert_eq!(cut, whole, "the cut and the way the bytes come make no difference");
    let stopped = post(&server, "/api/v1/http/parse", &json!({ "text": "GET / HT", "eof": true })).await;
    valid(&server, "HttpReport", &stopped).await;
    assert_eq!(stopped["incomplete"]["code"], "truncated");
}

#[tokio::test]
async fn leniencies_limits_and_answers_are_named() {
    let server = support::start().await;
    let loose = json!({ "text": "GET / HTTP/1.1\nHost: x\n\n", "leniency": ["bare_lf"], "role": "request" });
    assert_eq!(post(&server, "/api/v1/http/parse", &loose).await["error"], Value::Null);
    let narrow = json!({ "text": "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "limits": { "start_line": 9 } });
    let narrow = post(&server, "/api/v1/http/parse", &narrow).await;
    assert_eq!((&narrow["error"]["code"], &narrow["error"]["limit"]), (&json!("start_line_too_long"), &json!(9)));
    let head = json!({ "text": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "answers": ["HEAD"] });
    let head = post(&server, "/api/v1/http/parse", &head).await;
    assert_eq!(head["messages"][0]["framing"]["reason"], "answers_head");
    valid(&server, "HttpReport", &head).await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_a_problem_with_its_place() {
    let server = support::start().await;
    let cases = [
        (json!({}), "base64"),
        (json!({ "text": "", "base64": "" }), "base64"),
        (json!({ "base64": "A" }), "base64"),
        (json!({ "text": "", "split": "halves" }), "split"),
        (json!({ "text": "", "leniency": ["everything"] }), "leniency[0]"),
        (json!({ "text": "", "limits": { "colour": 1 } }), "limits.colour"),
        (json!({ "text": "", "role": "both" }), "role"),
    ];
    for (body, path) in cases {
        let response = server.post("/api/v1/http/parse").json(&body).send().await.unwrap();
        let problem = problem(response, 422, "invalid_request").await;
        assert_eq!(problem["place"]["path"], path, "{body} {problem}");
    }
    let null = json!({ "target": "/hello", "split": null, "cuts": null });
    assert_eq!(server.post("/api/v1/http/exchange").json(&null).send().await.unwrap().status(), 200);
    let cases = [
        (json!({ "requests": [] }), "requests"),
        (json!({ "requests": [{}], "method": "GET" }), "requests"),
        (json!({ "requests": [{ "method": "G T" }] }), "requests[0].method"),
        (json!({ "target": "nowhere" }), "target"),
        (json!({ "fields": [["a b", "c"]] }), "fields"),
        (json!({ "fields": [["a", "b"], ["a", "b", "c"]] }), "fields[1]"),
        (json!({ "requests": [{ "trailers": [[]] }] }), "requests[0].trailers[0]"),
        (json!({ "version": "HTTP/2" }), "version"),
        (json!({ "raw": "x", "method": "GET" }), "raw"),
        (json!({ "raw": "" }), "raw"),
        (json!({ "raw": { "base64": "A" } }), "raw.base64"),
        (json!({ "trailers": [["a", "b"]] }), "trailers"),
        (json!({ "split": "bytes", "pause": 101 }), "pause"),
        (json!({ "split": "bytes", "pause": 100, "target": format!("/{}", "x".repeat(100)) }), "pause"),
        (json!({ "raw": "x".repeat(300_000) }), "raw"),
    ];
    for (body, path) in cases {
        let response = server.post("/api/v1/http/exchange").json(&body).send().await.unwrap();
        let problem = problem(response, 422, "invalid_request").await;
        assert_eq!(problem["place"]["path"], path, "{problem}");
    }
}

#[tokio::test]
async fn each_of_the_eight_methods_is_sent_for_real() {
    let server = support::start().await;
    let cases = [
        (json!({ "method": "GET", "target": "/hello" }), 200, [true, true, true]),
        (json!({ "method": "HEAD", "target": "/hello" }), 200, [true, true, true]),
        (json!({ "method": "POST", "target": "/echo", "body": "hi" }), 200, [false, false, true]),
        (json!({ "method": "PUT", "target": "/documents/a", "body": "hi" }), 201, [false, true, false]),
        (json!({ "method": "DELETE", "target": "/documents/b" }), 404, [false, true, false]),
        (json!({ "method": "CONNECT", "target": "echo:7" }), 200, [false, false, false]),
        (json!({ "method": "OPTIONS", "target": "*" }), 204, [true, true, false]),
        (json!({ "method": "TRACE", "target": "/hello" }), 200, [true, true, false]),
    ];
    for (body, status, [safe, idempotent, cacheable]) in cases {
        let answer = exchange(&server, body.clone()).await;
        assert_eq!(statuses(&answer), [status], "{answer:#}");
        let promises = &answer["requests"][0]["promises"];
        assert_eq!(
            (&promises["safe"], &promises["idempotent"], &promises["cacheable"]),
            (&json!(safe), &json!(idempotent), &json!(cacheable)),
            "{body}"
        );
        assert_eq!(answer["ended"], "answered", "{answer:#}");
        assert_eq!(answer["to_server"]["report"]["error"], Value::Null);
        assert_eq!(answer["to_client"]["report"]["error"], Value::Null);
        let calls: Vec<&str> =
            answer["calls"].as_array().unwrap().iter().map(|call| call["call"].as_str().unwrap()).collect();
        for call in ["socket", "connect", "accept", "send", "recv", "shutdown", "close"] {
            assert!(calls.contains(&call), "{call} is missing in {calls:?}");
        }
        assert!(answer["requests"][0]["netcat"].as_str().unwrap().ends_with("| nc 127.0.0.1 8081"));
        let curl = &answer["requests"][0]["curl"];
        match body["method"].as_str() {
            Some("CONNECT") => assert_eq!(answer["requests"][0]["no_curl"], "connect"),
            _ => assert!(curl.as_str().is_some_and(|curl| curl.starts_with("curl ")), "{curl}"),
        }
    }
}

#[tokio::test]
async fn several_requests_share_one_connection_and_a_session_its_documents() {
    let server = support::start().await;
    let requests = json!([
        { "method": "PUT", "target": "/documents/note", "body": { "text": "remember" } },
        { "target": "/documents/note" },
        { "target": "/time", "fields": [["Connection", "close"]] },
    ]);
    for pipelined in [false, true] {
        let answer = exchange(&server, json!({ "requests": requests, "pipelined": pipelined })).await;
        assert_eq!(statuses(&answer), [201, 200, 200], "{answer:#}");
        assert_eq!(answer["closed_by"], "server", "{answer:#}");
        let last = answer["steps"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["client"], &last["server"]), (&json!("closed"), &json!("closed")));
        let again = json!({ "target": "/documents/note", "session": answer["session"] });
        let again = exchange(&server, again).await;
        assert_eq!(again["to_client"]["report"]["messages"][0]["content"]["text"], "remember");
        assert_eq!(again["closed_by"], "client");
        assert_eq!(statuses(&exchange(&server, json!({ "target": "/documents/note" })).await), [404]);
    }
}

#[tokio::test]
async fn any_cut_is_answered_alike_and_every_byte_is_accounted_for() {
    let server = support::start().await;
    let raw = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for cut in
        [json!({}), json!({ "split": "bytes" }), json!({ "split": "random:4", "pause": 2 }), json!({ "cuts": [5, 20] })]
    {
        let mut body = json!({ "raw": raw });
        body.as_object_mut().unwrap().extend(cut.as_object().unwrap().clone());
        let answer = exchange(&server, body).await;
        assert_eq!(statuses(&answer), [200]);
        assert_eq!(answer["to_client"]["report"]["messages"][0]["content"]["text"], "abc");
        for (end, call) in [("client", "send"), ("server", "recv")] {
            let calls =
                answer["calls"].as_array().unwrap().iter().filter(|one| one["end"] == end && one["call"] == call);
            assert_eq!(calls.map(|one| one["size"].as_u64().unwrap()).sum::<u64>(), raw.len() as u64, "{end} {call}");
        }
    }
}

#[tokio::test]
async fn wrong_and_unfinished_requests_are_answered_too() {
    let server = support::start().await;
    let wrong = exchange(&server, json!({ "raw": "GET / HTTP/1.1\r\nHost : x\r\n\r\n" })).await;
    assert_eq!(statuses(&wrong), [400]);
    assert_eq!((&wrong["refused"]["code"], &wrong["closed_by"]), (&json!("space_before_colon"), &json!("server")));
    assert_eq!(wrong["requests"][0]["no_curl"], "malformed");
    let lenient = json!({ "raw": "GET / HTTP/1.1\nHost: x\n\n", "leniency": ["bare_lf"] });
    assert_eq!(statuses(&exchange(&server, lenient).await), [200]);
    let short = exchange(&server, json!({ "limits": { "start_line": 5 } })).await;
    assert_eq!(statuses(&short), [414]);
    let half = exchange(&server, json!({ "raw": "GET / HTT" })).await;
    assert_eq!((statuses(&half), &half["ended"]), (vec![400], &json!("incomplete")), "{half:#}");
}

#[tokio::test]
async fn a_client_that_expects_waits_with_its_content() {
    let server = support::start().await;
    let expects =
        json!({ "method": "POST", "target": "/echo", "body": "content", "fields": [["Expect", "100-continue"]] });
    let answer = exchange(&server, expects).await;
    assert_eq!(statuses(&answer), [200]);
    let first = &answer["to_client"]["report"]["messages"][0];
    assert_eq!(first["status"], 100, "{answer:#}");
    let refused =
        json!({ "method": "POST", "target": "/hello", "body": "content", "fields": [["Expect", "100-continue"]] });
    let refused = exchange(&server, refused).await;
    assert_eq!(statuses(&refused), [405]);
    assert_eq!(refused["to_server"]["report"]["messages"][0]["content_length"], 0, "nobody sends content for nothing");
}

#[tokio::test]
async fn a_tunnel_carries_what_is_no_http() {
    let server = support::start().await;
    let raw = "CONNECT echo:7 HTTP/1.1\r\nHost: echo:7\r\n\r\nhello";
    let answer = exchange(&server, json!({ "raw": raw })).await;
    assert_eq!(statuses(&answer), [200], "{answer:#}");
    let data = answer["to_client"]["data"]["text"].as_str().unwrap();
    assert!(data.ends_with("hello") || answer["to_client"]["report"]["tunnel"].is_array(), "{answer:#}");
    let elsewhere = exchange(&server, json!({ "method": "CONNECT", "target": "127.0.0.1:22" })).await;
    assert_eq!(statuses(&elsewhere), [403]);
}
