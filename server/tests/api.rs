//! Every route of the API and every class of error, over a real port.

mod support;

use serde_json::{Value, json};
use sockscope::Settings;
use support::{problem, quick};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn health_says_what_the_kernel_engine_may_do() {
    let server = support::start().await;
    let health = server.json("/api/v1/health").await;
    assert_eq!(health["status"], "ok");
    assert!(health["kernel"]["isolated"].is_boolean(), "{health}");
    assert!(health["kernel"]["loopback"].is_boolean(), "{health}");
}

#[tokio::test]
async fn every_listed_scenario_can_be_read_and_is_right() {
    let server = support::start().await;
    let listed = server.json("/api/v1/scenarios").await;
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    for name in
        ["sticky", "handshake", "peer-exit", "broken-pipe", "udp-echo", "broadcast", "prefix", "http", "services"]
    {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    for row in listed.as_array().unwrap() {
        assert!(row["title"]["en"].as_str().is_some_and(|title| !title.is_empty()), "{row}");
        let shown = server.json(&format!("/api/v1/scenarios/{}", row["name"].as_str().unwrap())).await;
        assert_eq!(shown["name"], row["name"]);
        let checked = server.post("/api/v1/scenarios/check").json(&json!({ "toml": shown["toml"] }));
        let checked = checked.send().await.unwrap();
        assert_eq!(checked.status(), 200);
        assert_eq!(checked.json::<Value>().await.unwrap()["scenario"], shown["scenario"]);
    }
}

#[tokio::test]
async fn a_run_by_name_answers_with_the_whole_trace() {
    let server = support::start().await;
    let response = server.post("/api/v1/runs").json(&json!({ "scenario": "sticky" })).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let location = response.headers()["content-location"].to_str().unwrap().to_owned();
    let run: Value = response.json().await.unwrap();
    assert_eq!(location, format!("/api/v1/runs/{}", run["id"].as_str().unwrap()));
    assert_eq!(run["header"]["engine"], "model");
    assert_eq!(run["differences"], json!([]));
    assert_eq!(run["hosts"]["client"]["exit"], 0, "{}", run["hosts"]);
    assert!(run["events"].as_array().unwrap().iter().any(|event| event["event"] == "segment_sent"));
    assert!(run["expectations"].as_array().unwrap().iter().all(|row| row["held"] == true), "{}", run["expectations"]);
    assert_eq!(server.json(&location).await, run, "the run is kept as it was answered");
}

#[tokio::test]
async fn a_scenario_object_and_a_file_run_as_well() {
    let server = support::start().await;
    let toml = "[[host]]\nname = 'a'\nprogram = \"print('hello')\\n\"\n";
    for body in [json!({ "scenario": quick() }), json!({ "toml": toml, "engine": "model", "kind": "auto" })] {
        let response = server.post("/api/v1/runs").json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200, "{body}");
        let run: Value = response.json().await.unwrap();
        assert_eq!(run["hosts"]["a"]["stdout"], "hello\n");
    }
}

#[tokio::test]
async fn the_seed_of_the_request_replaces_that_of_the_scenario() {
    let server = support::start().await;
    let body = json!({ "scenario": quick(), "seed": 77 });
    let run: Value = server.post("/api/v1/runs").json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(run["header"]["seed"], 77);
}

#[tokio::test]
async fn a_run_can_be_taken_as_a_capture_file() {
    let server = support::start().await;
    let body = json!({ "scenario": "sticky" });
    let run: Value = server.post("/api/v1/runs").json(&body).send().await.unwrap().json().await.unwrap();
    let path = format!("/api/v1/runs/{}/pcapng", run["id"].as_str().unwrap());
    for path in [path.clone(), format!("{path}?engine=model")] {
        let response = server.get(&path).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/x-pcapng");
        assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"sticky-model.pcapng\"");
        let bytes = response.bytes().await.unwrap();
        assert_eq!(bytes[..4], [0x0a, 0x0d, 0x0d, 0x0a], "a section header block");
    }
    let kernel = server.get(&format!("{path}?engine=kernel")).send().await.unwrap();
    problem(kernel, 404, "no_such_engine").await;
    let unknown = server.get(&format!("{path}?engine=quantum")).send().await.unwrap();
    problem(unknown, 400, "invalid_query").await;
    let extra = server.get(&format!("{path}?motor=model")).send().await.unwrap();
    problem(extra, 400, "invalid_query").await;
}

#[tokio::test]
async fn live_streams_begin_with_the_header_and_end_with_the_result() {
    let server = support::start().await;
    let request = || server.post("/api/v1/runs").json(&json!({ "scenario": "sticky" }));
    let whole: Value = request().send().await.unwrap().json().await.unwrap();

    let response = request().header("accept", "application/x-ndjson").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let text = response.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (first, rest) = lines.split_first().unwrap();
    let (last, events) = rest.split_last().unwrap();
    assert_eq!(first["header"], whole["header"]);
    assert_eq!(Value::from(events), whole["events"]);
    assert_eq!(last["result"]["hosts"], whole["hosts"]);
    assert_eq!(last["result"]["differences"], json!([]));
    let kept = server.json(&format!("/api/v1/runs/{}", last["result"]["id"].as_str().unwrap())).await;
    assert_eq!(kept["events"], whole["events"], "a streamed run is kept too");

    let response = request().header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    let messages: Vec<(&str, Value)> = text
        .split_terminator("\n\n")
        .map(|message| {
            let (name, data) = message.split_once('\n').unwrap();
            (name.strip_prefix("event: ").unwrap(), serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap())
        })
        .collect();
    assert_eq!(messages.first().unwrap(), &("header", first.clone()));
    assert_eq!(messages.last().unwrap().0, "result");
    assert_eq!(messages.len(), lines.len());
}

#[tokio::test]
async fn an_answer_in_no_form_that_exists_is_a_problem() {
    let server = support::start().await;
    let response = server.post("/api/v1/runs").header("accept", "image/png").json(&json!({ "scenario": "sticky" }));
    problem(response.send().await.unwrap(), 406, "not_acceptable").await;
}

#[tokio::test]
async fn unknown_names_are_problems() {
    let server = support::start().await;
    let scenario = server.get("/api/v1/scenarios/nowhere").send().await.unwrap();
    let body = problem(scenario, 404, "no_such_scenario").await;
    assert!(body["detail"].as_str().unwrap().contains("sticky"), "it names those that exist: {body}");
    problem(server.get("/api/v1/runs/0123").send().await.unwrap(), 404, "no_such_run").await;
    problem(server.get("/api/v1/runs/0123/pcapng").send().await.unwrap(), 404, "no_such_run").await;
    let run = server.post("/api/v1/runs").json(&json!({ "scenario": "nowhere" })).send().await.unwrap();
    let body = problem(run, 404, "no_such_scenario").await;
    assert_eq!(body["place"]["path"], "scenario");
    problem(server.get("/api/v1/nowhere").send().await.unwrap(), 404, "not_found").await;
    problem(server.get("/api/v2").send().await.unwrap(), 404, "not_found").await;
    problem(server.get("/api/v1/scenarios/%ff").send().await.unwrap(), 400, "bad_request").await;
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_a_problem_that_names_those_it_does() {
    let server = support::start().await;
    for (method, path, allow) in [("DELETE", "/api/v1/health", "GET"), ("GET", "/api/v1/runs", "POST")] {
        let response = server.request(method, path).send().await.unwrap();
        let allowed = response.headers()["allow"].to_str().unwrap().to_owned();
        assert!(allowed.contains(allow), "{path}: {allowed}");
        problem(response, 405, "method_not_allowed").await;
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_has_a_place() {
    let server = support::start().await;
    let post =
        |body: &'static str| server.post("/api/v1/runs").header("content-type", "application/json").body(body).send();
    for (text, line, column) in
        [("{\n  \"scenario\": sticky }", 2, 15), ("", 1, 1), ("{\"scenario\": \"sticky\"", 1, 21), ("{} x", 1, 4)]
    {
        let body = problem(post(text).await.unwrap(), 400, "invalid_json").await;
        assert_eq!(body["place"]["line"], line, "{text:?}: {body}");
        assert_eq!(body["place"]["column"], column, "{text:?}: {body}");
    }
}

#[tokio::test]
async fn a_request_that_does_not_fit_names_the_path() {
    let server = support::start().await;
    for (body, path) in [
        (json!({ "scenario": "sticky", "engine": "quantum" }), "engine"),
        (json!({ "scenario": "sticky", "seed": -1 }), "seed"),
        (json!({ "scenario": "sticky", "sede": 1 }), "sede"),
        (json!({ "scenario": 5 }), "scenario"),
        (json!({}), "scenario"),
        (json!({ "scenario": "sticky", "toml": "" }), "toml"),
    ] {
        let response = server.post("/api/v1/runs").json(&body).send().await.unwrap();
        let answer = problem(response, 422, "invalid_request").await;
        assert_eq!(answer["place"]["path"], path, "{answer}");
    }
}

#[tokio::test]
async fn mistakes_of_a_scenario_are_all_listed_with_their_places() {
    let server = support::start().await;
    let toml = "titel = 1\n[[host]]\nname = \"a\"\naddress = \"10.0.0.999/24\"\nprogram = \"\"\n";
    for path in ["/api/v1/scenarios/check", "/api/v1/runs"] {
        let response = server.post(path).json(&json!({ "toml": toml })).send().await.unwrap();
        let body = problem(response, 422, "invalid_scenario").await;
        let problems = body["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 2, "{body}");
        assert_eq!(problems[0]["code"], "unknown_key");
        assert_eq!((&problems[0]["place"]["line"], &problems[0]["place"]["column"]), (&json!(1), &json!(1)));
        assert_eq!(problems[1]["code"], "bad_address");
        assert_eq!(problems[1]["place"]["line"], 4);
        assert_eq!(problems[1]["place"]["path"], "host[0].address");
    }
    let object = json!({ "scenario": { "host": [{ "name": "a", "program": "", "colour": "red" }] } });
    let response = server.post("/api/v1/runs").json(&object).send().await.unwrap();
    let body = problem(response, 422, "invalid_scenario").await;
    assert_eq!(body["place"]["path"], "scenario.host[0].colour");
}

#[tokio::test]
async fn a_program_outside_the_subset_is_refused_at_its_line_and_column() {
    let server = support::start().await;
    let program = "x = 1\nclass A:\n    pass\n";
    let body = json!({ "scenario": { "host": [{ "name": "a", "program": program }] } });
    let response = server.post("/api/v1/runs").json(&body).send().await.unwrap();
    let body = problem(response, 422, "invalid_scenario").await;
    let place = &body["problems"][0]["place"]["program"];
    assert_eq!((&place["host"], &place["line"]), (&json!("a"), &json!(2)), "{body}");
    assert!(place["column"].as_u64().is_some_and(|column| column >= 1), "{body}");
}

#[tokio::test]
async fn errors_speak_the_readers_language() {
    let server = support::start().await;
    let response = server.get("/api/v1/runs/0123").header("accept-language", "zh-CN").send().await.unwrap();
    assert_eq!(response.headers()["content-language"], "zh");
    let body = problem(response, 404, "no_such_run").await;
    assert_eq!(body["title"], "没有这次运行");
}

#[tokio::test]
async fn ten_megabytes_of_body_get_an_answer() {
    let server = support::start().await;
    let body = vec![b' '; 10 * 1024 * 1024];
    let response = server.post("/api/v1/runs").header("content-type", "application/json").body(body).send();
    let answer = problem(response.await.unwrap(), 413, "body_too_large").await;
    assert!(answer["detail"].as_str().unwrap().contains("10485760"), "{answer}");
    // Without a length, in chunks.
    let chunks = (0..160).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024]));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let response = server.post("/api/v1/runs").header("content-type", "application/json").body(body).send();
    problem(response.await.unwrap(), 413, "body_too_large").await;
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let server = support::start().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let response = server.post("/api/v1/runs").header("content-type", kind).body("{}").send().await.unwrap();
        problem(response, 415, "unsupported_media_type").await;
    }
    let response = server.post("/api/v1/runs").body("{}").send().await.unwrap();
    problem(response, 415, "unsupported_media_type").await;
}

#[tokio::test]
async fn a_body_that_breaks_off_does_no_harm() {
    let server = support::start().await;
    let mut stream = server.connect().await;
    let head =
        "POST /api/v1/runs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(server.get("/api/v1/health").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn when_too_many_runs_wait_the_next_is_asked_to_come_again() {
    let server = support::start_with(Settings { runs: 0, waiting: 0, ..Settings::default() }).await;
    let response = server.post("/api/v1/runs").json(&json!({ "scenario": "sticky" })).send().await.unwrap();
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(wait >= 1);
    problem(response, 503, "busy").await;
}

#[tokio::test]
async fn many_runs_at_once_all_finish() {
    let server = std::sync::Arc::new(support::start().await);
    let runs = (0..50).map(|_| {
        let server = server.clone();
        tokio::spawn(async move {
            server.post("/api/v1/runs").json(&json!({ "scenario": quick() })).send().await.unwrap().status()
        })
    });
    for run in runs.collect::<Vec<_>>() {
        assert_eq!(run.await.unwrap(), 200);
    }
}

#[tokio::test]
async fn every_code_has_its_words_in_both_languages() {
    let server = support::start().await;
    let kinds = server.json("/api/v1/problems").await;
    assert_eq!(kinds.as_array().unwrap().len(), sockscope::problem::CODES.len());
    for kind in kinds.as_array().unwrap() {
        let code = kind["code"].as_str().unwrap();
        for field in ["title", "sentence"] {
            for language in ["en", "zh"] {
                assert_ne!(kind[field][language], code, "{field} of {code} in {language}");
            }
        }
        assert_eq!(&server.json(&format!("/api/v1/problems/{code}")).await, kind);
    }
    problem(server.get("/api/v1/problems/nothing").send().await.unwrap(), 404, "not_found").await;
}

#[tokio::test]
async fn both_engines_answer_with_both_traces_and_their_differences() {
    let server = support::start().await;
    let body = json!({ "scenario": "sticky", "engine": "both", "kind": "loopback" });
    let response = server.post("/api/v1/runs").json(&body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let run: Value = response.json().await.unwrap();
    assert_eq!(run["model"]["header"]["engine"], "model");
    assert_eq!(run["kernel"]["header"]["engine"], "kernel_loopback");
    assert_eq!(run["model"]["hosts"], run["kernel"]["hosts"]);
    let differences = run["differences"].as_array().unwrap();
    assert!(!differences.is_empty(), "time at least is a freedom");
    assert!(differences.iter().all(|difference| difference["kind"] == "freedom"), "{differences:#?}");

    let path = format!("/api/v1/runs/{}/pcapng", run["id"].as_str().unwrap());
    problem(server.get(&path).send().await.unwrap(), 400, "engine_needed").await;
    assert_eq!(server.get(&format!("{path}?engine=model")).send().await.unwrap().status(), 200);
    let kernel = server.get(&format!("{path}?engine=kernel")).send().await.unwrap();
    problem(kernel, 409, "no_frames").await;
}

#[tokio::test]
async fn a_live_stream_of_both_engines_has_a_header_and_a_result_for_each() {
    let server = support::start().await;
    let body = json!({ "scenario": "sticky", "engine": "both", "kind": "loopback" });
    let request = server.post("/api/v1/runs").header("accept", "application/x-ndjson").json(&body);
    let text = request.send().await.unwrap().text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let headers: Vec<_> = lines.iter().filter_map(|line| line.get("header")).map(|header| &header["engine"]).collect();
    assert_eq!(headers, ["model", "kernel_loopback"]);
    let results: Vec<_> = lines.iter().filter_map(|line| line.get("result")).collect();
    assert_eq!(results.len(), 2);
    assert!(results[0].get("differences").is_none() && results[1]["differences"].is_array());
    assert!(lines.last().unwrap().get("result").is_some());
}
