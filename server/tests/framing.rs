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
        (json!({ "codec": { "name": "netstring", "size": 3 }, "data": "" }), "codec_option"),
        (json!({ "codec": "length:u8:u16", "data": "" }), "codec_repeated"),
        (json!({ "codec": "delimiter:ab", "data": "" }), "codec_byte"),
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
    for (given, offset) in [
        (json!({ "base64": "YQ=" }), 2),
        (json!({ "base64": "YWJj*WJj" }), 4),
        (json!({ "base64": "YWJjY" }), 5),
        (json!({ "base64": "YR==" }), 1),
        (json!({ "hex": "0001 0g" }), 6),
    ] {
        let response = server.post("/api/v1/framing/decode").json(&json!({ "codec": "line", "data": given }));
        let answer = problem(response.send().await.unwrap(), 422, "invalid_request").await;
        assert_eq!(answer["place"]["offset"], offset, "{answer}");
    }
    for (body, path) in [
        (json!({ "codec": "line", "messages": ["a"], "tags": [1] }), "tags"),
        (json!({ "codec": "tlv", "messages": ["a"], "tags": [1, 2] }), "tags"),
    ] {
        let response = server.post("/api/v1/framing/encode").json(&body).send().await.unwrap();
        assert_eq!(problem(response, 422, "invalid_request").await["place"]["path"], path);
    }
    let wide = json!({ "codec": "tlv", "messages": ["a", "b"], "tags": [255, 300] });
    let answer = post(&server, "/api/v1/framing/encode", &wide).await;
    assert_eq!((&answer["refused"][0]["code"], &answer["length"]), (&json!("tag_too_large"), &json!(4)));
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
        let body = json!({ "messages": ["msg0", "msg1", "a|b"], "deeds": [deed, { "deed": "cut", "at": 900 }] });
        let answer = post(&server, "/api/v1/framing/compare", &body).await;
        assert_valid(&shape, &answer);
        assert_eq!(answer["columns"].as_array().unwrap().len(), 11);
        assert_eq!(answer["columns"][0]["done"][1], Value::Null, "no stream has such a place");
        assert_eq!(answer["columns"][0]["trials"]["cuts"]["first"], 1, "the shortest cut that breaks the naive reader");
    }
    for (body, path) in [
        (json!({ "messages": vec!["a"; 257] }), "messages"),
        (json!({ "messages": ["a".repeat(20_000)] }), "messages"),
        (json!({ "messages": [], "codecs": vec!["line"; 33] }), "codecs"),
        (json!({ "messages": ["a"], "deeds": [{ "deed": "melt", "at": 0 }] }), "deeds[0].deed"),
        (json!({ "messages": ["a"], "deeds": vec![json!({ "deed": "cut", "at": 0 }); 33] }), "deeds"),
    ] {
        let response = server.post("/api/v1/framing/compare").json(&body).send().await.unwrap();
        assert_eq!(problem(response, 422, "invalid_request").await["place"]["path"], path);
    }
    let wrong = json!({ "messages": ["a"], "codecs": ["line", "lime"] });
    let response = server.post("/api/v1/framing/compare").json(&wrong).send().await.unwrap();
    assert_eq!(problem(response, 422, "invalid_codec").await["place"]["path"], "codecs[1]");
}

#[tokio::test]
async fn a_comparison_is_the_same_over_the_api_and_on_the_command_line() {
    let server = support::start().await;
    let body = json!({
        "messages": ["msg0", "a|b"],
        "codecs": ["naive", "tlv", "delimiter:0x7c"],
        "deeds": [
            { "deed": "cut", "at": 3 },
            { "deed": "corrupt", "at": { "message": 0, "part": "framing", "byte": 0 }, "xor": 128 },
            { "deed": "drop", "at": { "message": 1, "part": "payload", "byte": 0 }, "length": 1 },
            { "deed": "insert", "at": 0, "bytes": { "base64": "eA==" } },
        ],
        "reads": [5, 2],
    });
    let answer = post(&server, "/api/v1/framing/compare", &body).await;
    let codecs = ["--codec", "naive", "--codec", "tlv", "--codec", "delimiter:0x7c"];
    let deeds = ["--cut", "3", "--corrupt", "0.framing.0=0x80", "--drop", "1.payload.0", "--insert", "0=x"];
    let arguments = [&["compare", "--json", "--read", "5,2"], &codecs[..], &deeds[..]].concat();
    assert_eq!(command(&arguments, b"msg0\na|b\n"), (answer, 0));
}

#[test]
fn a_comparison_is_a_table_in_both_languages_and_says_who_noticed_what() {
    let compare = |lang: &str, more: &[&str]| {
        let arguments = ["framing", "compare", "--codec", "netstring", "--codec", "line", "--codec", "tlv"];
        run(&[&arguments[..], &["--lang", lang], more].concat(), b"hello\nhi\n")
    };
    let output = compare("en", &["--corrupt", "0.framing.2"]);
    support::command::assert_status(&output, 0);
    let told = support::command::text(&output.stdout);
    assert!(told.contains("codec      stream  framing"), "{told}");
    assert!(told.contains("netstring      13        6  85.7  0/12"), "{told}");
    assert!(told.contains("netstring       0      0        2        0  noticed"), "{told}");
    assert!(told.contains("error no_comma  [7]\n    Byte 7: 0x2d"), "{told}");
    assert!(told.contains("That byte belongs to message 1: end mark."), "{told}");
    let told = support::command::text(&compare("zh", &["--corrupt", "1.framing.0", "--cut", "900"]).stdout);
    assert!(told.contains("2 条消息，共 7 字节") && told.contains("无人察觉"), "{told}");
    assert!(told.contains("这条字节流里没有其中 1 个操作所指的位置。"), "{told}");
    for (wrong, input) in [
        (&["--codec", "lime"][..], &b""[..]),
        (&["--cut", "1.tail.0"], b""),
        (&["--corrupt", "0=256"], b""),
        (&["--drop", "0=x"], b""),
        (&[], &[b'\n'; 257]),
    ] {
        let output = run(&[&["framing", "compare", "--lang", "zh"], wrong].concat(), input);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn what_is_wrong_with_a_stream_of_frames_is_said_in_the_reader_s_language() {
    let told = |arguments: &[&str], input: &[u8]| {
        let output = run(&[&["framing"], arguments].concat(), input);
        support::command::text(&[output.stdout, output.stderr].concat())
    };
    let decoded = told(&["decode", "--codec", "netstring", "--lang", "zh"], b"2:ok,5:hello;");
    assert!(decoded.contains("1 条消息，共 13 字节，其中成帧开销 3 字节"), "{decoded}");
    assert!(decoded.contains("错误 no_comma  [12]") && decoded.contains("只能关闭连接"), "{decoded}");
    let refused = told(&["encode", "--codec", "chunked", "--lang", "zh"], b"\n");
    assert!(refused.contains("标准输入第 1 行：消息 1"), "{refused}");
    let tag = |codec: &str, tag: &str| told(&["encode", "--codec", codec, "--tag", tag, "--lang", "zh"], b"a\nb\n");
    assert!(tag("tlv", "300").contains("消息 1 的类型是 300，而这种编码最大只能写 255"));
    assert!(tag("line", "3").contains("编码 line 不写类型"));
    let codec = told(&["decode", "--codec", "morse", "--lang", "zh"], b"");
    assert!(codec.contains("morse") && codec.contains("没有"), "{codec}");
}
