//! Framing over the API and on the command line: the same object for the same question, of the described shape.

mod support;

use serde_json::{Value, json};
use support::command::run;
use support::{assert_valid, problem, schema};

/// What `sockscope framing …` says about `input`, and its exit status.
fn command(arguments: &[&str], input: &[u8]) -> (Value, i32) {
    let output = run(&[&["framing"], arguments].concat(), input);
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code().unwrap())
}

async fn post(server: &support::Server, path: &str, body: &Value) -> Value {
    let response = server.post(path).json(body).send().await.unwrap();
    assert_eq!(response.status(), 200, "{body}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn decoding_gives_the_same_object_over_the_api_and_on_the_command_line() {
    let server = support::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let shape = schema(&document, "Decoded");
    for (codec, text, status) in [
        ("netstring", "5:hello,2:ok,", 0),
        ("netstring", "5:hello;", 2),
        ("netstring", "5:hel", 3),
        ("tlv", "\u{1}\u{0}\u{2}ok", 0),
        ("line", "one\r\ntwo\nthr", 3),
        ("delimiter:|:escape=0x5c", "a\\x|b|", 2),
        ("chunked", "2\r\nok\r\n0\r\n\r\n", 0),
        ("length:u16:little", "\u{2}\u{0}ok", 0),
        ("fixed:2:pad=0x20", "okab", 0),
    ] {
        let body = json!({ "codec": codec, "data": { "text": text } });
        let answer = post(&server, "/api/v1/framing/decode", &body).await;
        assert_valid(&shape, &answer);
        let (object, exit) = command(&["decode", "--json", "--codec", codec], text.as_bytes());
        assert_eq!((answer, exit), (object, status), "{codec} {text:?}");
    }
}

#[tokio::test]
async fn a_codec_may_be_an_object_and_comes_back_as_one() {
    let server = support::start().await;
    let codec = json!({ "name": "length", "width": "u16", "order": "little", "offset": 1, "adjustment": -3 });
    let body = json!({ "codec": codec, "data": { "hex": "00 05 00 6f 6b" }, "split": "bytes" });
    let answer = post(&server, "/api/v1/framing/decode", &body).await;
    assert_eq!(answer["codec"], codec);
    assert_eq!(answer["messages"][0]["payload"]["text"], "ok");
    let again = json!({ "codec": answer["codec"], "messages": [{ "text": "ok" }] });
    let encoded = post(&server, "/api/v1/framing/encode", &again).await;
    assert_eq!(encoded["stream"]["base64"], "AAUAb2s=");
}

#[tokio::test]
async fn encoding_names_every_part_and_every_message_that_cannot_be_carried() {
    let server = support::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let body = json!({ "codec": "delimiter:0x7c", "messages": [{ "text": "a" }, { "text": "b|c" }, { "text": "d" }] });
    let answer = post(&server, "/api/v1/framing/encode", &body).await;
    assert_valid(&schema(&document, "Encoded"), &answer);
    assert_eq!(answer["refused"][0]["code"], "delimiter_inside");
    assert_eq!(answer["messages"][1]["index"], 2);
    assert_eq!(answer["messages"][1]["parts"][1], json!({ "role": "end", "range": [3, 4] }));
    let (object, exit) = command(&["encode", "--json", "--codec", "delimiter:0x7c"], b"a\nb|c\nd\n");
    assert_eq!((object, exit), (answer, 2));
    let tlv = json!({ "codec": "tlv", "messages": [{ "text": "a" }, { "text": "b" }], "tags": [7] });
    let answer = post(&server, "/api/v1/framing/encode", &tlv).await;
    assert_eq!((&answer["messages"][0]["tag"], &answer["messages"][1]["tag"]), (&json!(7), &json!(0)));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_has_its_place() {
    let server = support::start().await;
    for (body, fault) in [
        (json!({ "codec": "json", "data": "" }), "codec_unknown"),
        (json!({ "codec": "fixed:0", "data": "" }), "codec_number"),
        (json!({ "codec": { "name": "delimiter", "byte": 5, "escape": 5 }, "data": "" }), "codec_same_byte"),
        (json!({ "codec": { "name": "length", "width": "u9" }, "data": "" }), "codec_object"),
    ] {
        let response = server.post("/api/v1/framing/decode").json(&body).send().await.unwrap();
        let answer = problem(response, 422, "invalid_codec").await;
        assert_eq!(answer["problems"][0]["code"], fault, "{answer}");
        assert_eq!(answer["place"]["path"], "codec", "{answer}");
    }
    for (path, body, place) in [
        ("decode", json!({ "codec": "line", "data": { "base64": "YQ=" } }), "data.base64"),
        ("decode", json!({ "codec": "line", "data": {} }), "data"),
        ("encode", json!({ "codec": "line", "messages": [{ "text": "a" }, { "hex": "0x" }] }), "messages[1].hex"),
    ] {
        let response = server.post(&format!("/api/v1/framing/{path}")).json(&body).send().await.unwrap();
        let answer = problem(response, 422, "invalid_request").await;
        assert_eq!(answer["place"]["path"], place, "{answer}");
    }
    let halves = json!({ "codec": "line", "data": { "text": "" }, "split": "halves" });
    let response = server.post("/api/v1/framing/decode").json(&halves).send().await.unwrap();
    assert_eq!(problem(response, 422, "invalid_request").await["place"]["path"], "split");
    let huge = json!({ "codec": "fixed:1073741824", "messages": [{ "text": "a" }] });
    let answer = post(&server, "/api/v1/framing/encode", &huge).await;
    assert_eq!(answer["refused"][0]["code"], "stream_too_long");
}

#[tokio::test]
async fn a_comparison_has_the_described_shape_and_tells_the_codecs_apart() {
    let server = support::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let shape = schema(&document, "Comparison");
    for deed in [
        json!({ "deed": "cut", "at": 3 }),
        json!({ "deed": "end", "at": { "message": 1, "part": "payload", "byte": 2 } }),
        json!({ "deed": "corrupt", "at": { "message": 0, "part": "framing" } }),
        json!({ "deed": "drop", "at": 2, "length": 1 }),
        json!({ "deed": "insert", "at": 0, "bytes": { "base64": "Cg==" } }),
    ] {
        let body = json!({ "messages": ["msg0", "msg1", "a|b"], "deed": deed });
        let answer = post(&server, "/api/v1/framing/compare", &body).await;
        assert_valid(&shape, &answer);
        assert_eq!(answer["columns"].as_array().unwrap().len(), 11);
        assert_eq!(answer["columns"][0]["trials"]["cuts"]["first"], 1, "the shortest cut that breaks the naive reader");
    }
    for (body, path) in [
        (json!({ "messages": vec!["a"; 257] }), "messages"),
        (json!({ "messages": ["a".repeat(20_000)] }), "messages"),
        (json!({ "messages": [], "codecs": vec!["line"; 33] }), "codecs"),
        (json!({ "messages": ["a"], "deed": { "deed": "melt", "at": 0 } }), "deed.deed"),
    ] {
        let response = server.post("/api/v1/framing/compare").json(&body).send().await.unwrap();
        assert_eq!(problem(response, 422, "invalid_request").await["place"]["path"], path);
    }
    let wrong = json!({ "messages": ["a"], "codecs": ["line", "lime"] });
    let response = server.post("/api/v1/framing/compare").json(&wrong).send().await.unwrap();
    assert_eq!(problem(response, 422, "invalid_codec").await["place"]["path"], "codecs[1]");
}
