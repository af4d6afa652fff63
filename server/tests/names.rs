//! Addresses and names over the API and on the command line. Host names are asked of a small name server of our own.

mod support;

use serde_json::{Value, json};
use sockscope::Settings;
use sockscope::names::Dns;
use std::net::SocketAddr;
use std::time::Duration;
use support::command::{run, text};
use support::{assert_valid, problem, schema};
use tokio::net::UdpSocket;

fn command(arguments: &[&str]) -> (String, String, i32) {
    let output = run(&[&["address"], arguments].concat(), b"");
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}

#[tokio::test]
async fn an_address_is_the_same_object_over_the_api_and_on_the_command_line() {
    let server = support::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let shape = schema(&document, "Explanation");
    for (query, arguments) in [
        (
            "text=10.0.0.5/24&split=26&contains=10.0.0.77",
            &["10.0.0.5/24", "--split", "26", "--contains", "10.0.0.77"][..],
        ),
        ("text=127.1", &["127.1"]),
        ("text=0x7f.1%20x", &["0x7f.1 x"]),
        ("text=1.2.3.4/31", &["1.2.3.4/31"]),
        ("text=224.0.0.1/255.255.255.255", &["224.0.0.1/255.255.255.255"]),
    ] {
        let answer = server.json(&format!("/api/v1/addresses?{query}")).await;
        assert_valid(&shape, &answer);
        let (json, _, exit) = command(&[arguments, &["--json"]].concat());
        assert_eq!((serde_json::from_str::<Value>(&json).unwrap(), exit), (answer, 0), "{query}");
        for language in ["en", "zh"] {
            let (text, _, exit) = command(&[arguments, &["--lang", language]].concat());
            assert_eq!(exit, 0);
            assert!(text.lines().all(|line| !line.starts_with(' ')), "a label is missing: {text}");
        }
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused_with_its_place() {
    let server = support::start().await;
    for (path, code, place, offset) in [
        ("addresses?text=10.0.0.256", "too_large", "text", json!(7)),
        ("addresses?text=10.0.0.5/33", "prefix", "text", json!(9)),
        ("addresses?text=10.0.0.5/24&split=8", "split", "split", json!(0)),
        ("addresses?text=10.0.0.5/24&contains=x", "digit", "contains", json!(0)),
        ("addresses/aton?text=1.2.3.4.5", "too_many", "text", json!(7)),
        ("addresses/ntoa?hex=0a00", "packed_length", "hex", Value::Null),
        ("addresses/ntoa?hex=0a0x", "hex_digit", "hex", json!(3)),
        ("addresses/byteorder?value=65536&bits=16", "number_too_large", "value", Value::Null),
        ("addresses/byteorder?value=1&bits=8", "bits", "bits", Value::Null),
        ("names/hosts?name=a..b", "name_empty_label", "name", json!(2)),
        ("names/hosts?name=%E4%BE%8B.cn", "name_not_ascii", "name", json!(0)),
    ] {
        let get = |language| server.get(&format!("/api/v1/{path}")).header("accept-language", language).send();
        let english = problem(get("en").await.unwrap(), 422, "invalid_address").await;
        assert_eq!(english["problems"][0]["code"], code, "{english}");
        assert_eq!((&english["place"]["path"], &english["place"]["offset"]), (&json!(place), &offset), "{english}");
        let chinese = problem(get("zh").await.unwrap(), 422, "invalid_address").await;
        assert_ne!(chinese["detail"], english["detail"], "{path} speaks no Chinese");
    }
    for (path, place) in [
        ("addresses", "text"),
        ("addresses?text=1&color=red", "color"),
        ("addresses?text=1&text=2", "text"),
        ("addresses?text=1&split=300", "split"),
        ("names/services?name=http&protocol=sctp", "protocol"),
        ("names/ports?port=-1", "port"),
        ("names/ports?port=65536", "port"),
    ] {
        let answer = problem(server.get(&format!("/api/v1/{path}")).send().await.unwrap(), 400, "invalid_query").await;
        assert_eq!(answer["place"]["path"], place, "{answer}");
    }
    // A network is missing in the text, whoever wants to know something about it.
    for wanted in ["split=26", "contains=10.0.0.6"] {
        let path = format!("/api/v1/addresses?text=10.0.0.5&{wanted}");
        let answer = problem(server.get(&path).send().await.unwrap(), 422, "invalid_address").await;
        assert_eq!(answer["place"], json!({ "path": "text", "offset": 8 }));
    }
    let (_, error, exit) = command(&["10.0.0.5", "--contains", "10.0.0.6"]);
    assert!(exit == 2 && error.ends_with("10.0.0.5\n            ^\n"), "{error}");
    for (number, bits, said) in [
        ("99999999999999999999999", "32", "does not fit into 32 bits; the largest is 4294967295"),
        ("0xfffffffffffffffff", "16", "does not fit into 16 bits; the largest is 65535"),
        ("12x", "16", "is no number"),
    ] {
        let (_, error, exit) = command(&[number, "--byteorder", bits]);
        assert!(exit == 2 && error.contains(said), "{error}");
    }
    assert_eq!(command(&["0X22B8", "--byteorder", "16"]), command(&["8888", "--byteorder", "16"]));
    let (_, error, exit) = command(&["10.0.0.256"]);
    assert_eq!(exit, 2);
    assert!(error.contains("10.0.0.256\n           ^\n"), "{error}");
}

#[tokio::test]
async fn bytes_and_numbers_have_the_described_shapes() {
    let server = support::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let aton = server.json("/api/v1/addresses/aton?text=0x7f.1%20x").await;
    assert_valid(&schema(&document, "Aton"), &aton);
    assert_eq!((&aton["address"], &aton["ignored"]), (&json!("127.0.0.1"), &json!([6, 8])));
    let ntoa = server.json("/api/v1/addresses/ntoa?hex=0a000005").await;
    assert_valid(&schema(&document, "Ntoa"), &ntoa);
    assert_eq!(ntoa["text"], "10.0.0.5");
    let order = server.json("/api/v1/addresses/byteorder?value=8888&bits=16").await;
    assert_valid(&schema(&document, "ByteOrder"), &order);
    assert_eq!(order["machines"][0]["result"], 47138);
    let (json, _, _) = command(&["8888", "--byteorder", "16", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), order);
}

#[tokio::test]
async fn services_are_asked_of_both_tables() {
    let server = support::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let shape = schema(&document, "Services");
    let http = server.json("/api/v1/names/services?name=www&protocol=tcp").await;
    assert_valid(&shape, &http);
    assert_eq!((&http["answers"][0]["table"], &http["answers"][1]["table"]), (&json!("machine"), &json!("iana")));
    assert_eq!(http["answers"][1]["service"]["port"], 80);
    let domain = server.json("/api/v1/names/ports?port=53&protocol=udp").await;
    assert_eq!(domain["answers"][1]["service"]["name"], "domain");
    let none = server.json("/api/v1/names/ports?port=2").await;
    assert_valid(&shape, &none);
    assert_eq!(none["answers"][1]["service"], Value::Null);
}

/// Answers questions until it is dropped: `one.test` has an address, `alias.test` is another name of it, `empty.test` has none,
/// `broken.test` fails, `slow.test` gets no answer, and no other name exists.
async fn name_server() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            if let Some(answer) = answer(&buffer[..length]) {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    });
    address
}

/// The answer to one question (RFC 1035, 4.1); `None` for silence.
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let mut at = 12;
    let mut labels = Vec::new();
    while query[at] != 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..at + 1 + length]).to_lowercase());
        at += 1 + length;
    }
    let question = &query[12..at + 5];
    let is_a = query[at + 1..at + 3] == [0, 1];
    let record = |kind: u8, data: &[u8], name: &[u8]| {
        let mut record = name.to_vec();
        record.extend([0, kind, 0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
        record.extend(data);
        record
    };
    const HERE: &[u8] = &[0xc0, 12];
    const ONE: &[u8] = b"\x03one\x04test\x00";
    let (code, records): (u8, Vec<Vec<u8>>) = match labels.join(".").as_str() {
        "one.test" if is_a => (0, vec![record(1, &[192, 0, 2, 7], HERE)]),
        "alias.test" if is_a => (0, vec![record(5, ONE, HERE), record(1, &[192, 0, 2, 7], ONE)]),
        "one.test" | "empty.test" => (0, vec![]),
        "alias.test" => (0, vec![record(5, ONE, HERE)]),
        "broken.test" => (2, vec![]),
        "slow.test" => return None,
        _ => (3, vec![]),
    };
    let mut answer = query[..2].to_vec();
    answer.extend([0x81, 0x80 | code, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
    answer.extend(question);
    answer.extend(records.concat());
    Some(answer)
}

#[tokio::test]
async fn host_names_are_looked_up_and_every_failure_has_its_name() {
    let dns = Dns::Server(name_server().await);
    let settings = Settings { dns, look_up: Duration::from_secs(2), ..Settings::default() };
    let server = support::start_with(settings).await;
    let document = server.json("/api/v1/openapi.json").await;
    let shape = schema(&document, "FoundHost");
    let one = server.json("/api/v1/names/hosts?name=one.test").await;
    assert_valid(&shape, &one);
    assert_eq!(one["answered_by"], "dns");
    assert_eq!(
        (&one["addresses"][0]["address"], &one["addresses"][0]["family"]),
        (&json!("192.0.2.7"), &json!("ipv4"))
    );
    let alias = server.json("/api/v1/names/hosts?name=alias.test").await;
    assert_eq!((&alias["canonical"], &alias["aliases"]), (&json!("one.test"), &json!(["alias.test"])), "{alias}");
    assert_eq!(alias["addresses"][0]["address"], "192.0.2.7");
    let literal = server.json("/api/v1/names/hosts?name=127.1").await;
    assert_eq!(
        (&literal["answered_by"], &literal["addresses"][0]["address"]),
        (&json!("literal"), &json!("127.0.0.1"))
    );
    for (name, status, code) in [
        ("none.test", 404, "no_such_host"),
        ("empty.test", 404, "no_address"),
        ("broken.test", 502, "name_server_failed"),
        ("slow.test", 504, "name_timeout"),
    ] {
        let response = server.get(&format!("/api/v1/names/hosts?name={name}")).send().await.unwrap();
        let body = problem(response, status, code).await;
        assert!(body["detail"].as_str().unwrap().contains(name), "{body}");
    }
}

#[tokio::test]
async fn localhost_stands_in_the_hosts_file() {
    if !std::fs::read_to_string("/etc/hosts").is_ok_and(|hosts| hosts.contains("localhost")) {
        println!("SKIPPED localhost stands in the hosts file: there is no such line in /etc/hosts");
        return;
    }
    let server = support::start().await;
    let found = server.json("/api/v1/names/hosts?name=localhost").await;
    assert_eq!((&found["answered_by"], &found["addresses"][0]["address"]), (&json!("hosts_file"), &json!("127.0.0.1")));
}

#[tokio::test]
async fn the_machine_tells_its_own_name_to_its_own_user_only() {
    let server = support::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let own = server.json("/api/v1/names/self").await;
    assert_valid(&schema(&document, "Myself"), &own);
    assert_eq!(own["local"], true);
    assert!(own["host_name"].as_str().is_some_and(|name| !name.is_empty()));
    assert!(own["addresses"].as_array().unwrap().iter().any(|row| row["address"] == "127.0.0.1/8"), "{own}");
    for (header, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("origin", "https://elsewhere.example"),
        ("origin", "null"),
        ("host", "rebound.example"),
    ] {
        let response = server.get("/api/v1/names/self").header(header, value).send().await.unwrap();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(
            (&answer["local"], &answer["host_name"], &answer["addresses"]),
            (&json!(false), &Value::Null, &json!([])),
            "{header}: {value}"
        );
    }
}
