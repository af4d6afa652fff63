//! Scenario files: what is read, what is refused and where. Nothing is run here.

use super::*;
use crate::link::{Counted, ScriptedDrop};
use proptest::prelude::*;

const FULL: &str = r#"
title = { en = "Five sends, one recv", zh = "五次发送，一次接收" }
seed = 7
limit = "20s"
[link]
delay = "10ms"
rate = "10Mbit"
queue = 50
loss = 0.01
mtu = 1400
drop = [ { from = "client", data = 3 } ]
[[host]]
name = "server"
address = "10.0.0.2/24"
stdin = ["hello"]
files = { "photo.png" = { base64 = "AAEC/w==" }, "a.txt" = "text" }
tcp = { congestion = "reno", sack = false }
program = '''
x = 1
'''
[[host]]
name = "client"
start = "1.5s"
program = "y = 2"
[[expect]]
that = "client.exit == 0"
on = "model"
because = "time"
"#;

fn problems(source: &str) -> Vec<Problem> {
    from_toml(source).expect_err("the scenario is wrong")
}

/// The code, path and line of each problem.
fn places(source: &str) -> Vec<(&'static str, String, Option<u32>)> {
    problems(source).into_iter().map(|problem| (problem.code, problem.path, problem.line)).collect()
}

fn two(first: &str, second: &str) -> String {
    format!("[[host]]\nname = \"a\"\nprogram = ''\n{first}\n[[host]]\nname = \"b\"\nprogram = ''\n{second}\n")
}

#[test]
fn every_key_of_the_file_is_read() {
    let scenario = from_toml(FULL).unwrap();
    assert_eq!(scenario.title.zh, "五次发送，一次接收");
    assert_eq!((scenario.seed, scenario.limit), (7, Duration::from_secs(20)));
    assert_eq!(scenario.link.delay, Duration::from_millis(10));
    assert_eq!((scenario.link.rate, scenario.link.queue, scenario.link.mtu), (Some(10_000_000), 50, 1400));
    assert_eq!(scenario.link.drop, [ScriptedDrop { from: "client".into(), counted: Counted::Data, nth: 3 }]);
    let server = &scenario.hosts[0];
    assert_eq!((server.address, server.prefix, server.start), ("10.0.0.2".parse().unwrap(), 24, Instant::ZERO));
    assert_eq!(&*server.files["photo.png"], &[0, 1, 2, 255]);
    assert_eq!(&*server.files["a.txt"], b"text");
    assert_eq!(server.tcp.congestion, Congestion::Reno);
    assert!(!server.tcp.sack && server.tcp.timestamps);
    assert_eq!(server.program, "x = 1\n");
    assert_eq!(scenario.hosts[1].start, Instant::from_micros(1_500_000));
    assert_eq!(scenario.expectations[0].on, On::Model);
}

#[test]
fn a_scenario_survives_toml_and_json() {
    let scenario = from_toml(FULL).unwrap();
    assert_eq!(from_toml(&scenario.to_toml()).unwrap(), scenario);
    assert_eq!(from_json(&scenario.to_json()).unwrap(), scenario);
}

#[test]
fn awkward_programs_survive_toml() {
    for program in ["", "a = '''x'''\n", "a = 'x'", "\r\nb", "s = \"\\x00\"\n", "你好\t\n", "\u{7}"] {
        let mut scenario = from_toml(FULL).unwrap();
        scenario.hosts[0].program = program.to_owned();
        // The text is checked by the program room; here only the writing counts.
        let written = scenario.to_toml();
        let value: toml::Value = toml::from_str(&written).unwrap();
        assert_eq!(value["host"][0]["program"].as_str(), Some(program), "{written}");
    }
}

#[test]
fn hosts_without_an_address_take_the_lowest_that_is_free() {
    let scenario = from_toml(&two("", "")).unwrap();
    assert_eq!(scenario.hosts[0].address.to_string(), "10.0.0.1");
    assert_eq!(scenario.hosts[1].address.to_string(), "10.0.0.2");
    let scenario = from_toml(&two("address = \"192.168.5.1/29\"", "")).unwrap();
    assert_eq!((scenario.hosts[1].address.to_string().as_str(), scenario.hosts[1].prefix), ("192.168.5.2", 29));
}

#[test]
fn hosts_start_a_millisecond_apart() {
    let scenario = from_toml(&two("", "")).unwrap();
    assert_eq!((scenario.hosts[0].start, scenario.hosts[1].start), (Instant::ZERO, Instant::from_micros(1_000)));
}

#[test]
fn one_string_titles_both_languages() {
    let scenario = from_toml(&format!("title = \"T\"\n{}", two("", ""))).unwrap();
    assert_eq!(scenario.title, Text { en: "T".into(), zh: "T".into() });
}

#[test]
fn all_problems_are_reported_in_the_order_of_the_file() {
    let source = "titel = 'x'\nlimit = 'soon'\n[link]\nloss = 2\n[[host]]\nname = 'a'\nprogram = 3\n";
    assert_eq!(
        places(source),
        [
            ("unknown_key", "titel".to_owned(), Some(1)),
            ("bad_duration", "limit".to_owned(), Some(2)),
            ("out_of_range", "link.loss".to_owned(), Some(4)),
            ("wrong_type", "host[0].program".to_owned(), Some(7)),
        ]
    );
    assert!(problems(source)[0].message.contains("did you mean \"title\"?"));
}

#[test]
fn a_syntax_error_has_its_place() {
    let problem = &problems("title = \"x\"\nseed = = 3\n")[0];
    assert_eq!((problem.code, problem.line), ("syntax", Some(2)));
    assert!(problem.to_string().starts_with("line 2, column "), "{problem}");
}

#[test]
fn impossible_addresses_are_refused() {
    for (address, code) in [
        ("10.0.0.300/24", "bad_address"),
        ("ten", "bad_address"),
        ("10.0.0.1/40", "bad_address"),
        ("127.0.0.1/8", "address_not_for_hosts"),
        ("0.0.0.1/8", "address_not_for_hosts"),
        ("224.0.0.1/24", "address_not_for_hosts"),
        ("10.0.0.0/24", "network_address"),
        ("10.0.0.255/24", "broadcast_address"),
        ("10.0.0.7/29", "broadcast_address"),
    ] {
        let found = places(&two(&format!("address = \"{address}\""), ""));
        assert_eq!(found, [(code, "host[0].address".to_owned(), Some(4))], "{address}");
    }
}

#[test]
fn addresses_that_do_not_fit_together_are_refused() {
    let with = |second| places(&two("address = \"10.0.0.1/24\"", &format!("address = \"{second}\"")));
    assert_eq!(with("10.0.0.1/24")[0].0, "duplicate_address");
    assert_eq!(with("10.0.1.2/24")[0].0, "not_in_subnet");
    assert_eq!(with("10.0.0.2/16")[0].0, "not_in_subnet");
    assert_eq!(places(&two("address = \"10.0.0.1/32\"", ""))[0].0, "subnet_full");
}

#[test]
fn names_are_unique_and_can_be_written_in_a_program() {
    let source = "[[host]]\nname = 'a'\nprogram = ''\n[[host]]\nname = 'a'\nprogram = ''\n";
    assert_eq!(places(source), [("duplicate_name", "host[1].name".to_owned(), Some(5))]);
    for name in ["", "1st", "a b", "名", "localhost", "segments", &"x".repeat(33)] {
        let source = format!("[[host]]\nname = '{name}'\nprogram = ''\n");
        assert!(from_toml(&source).is_err(), "{name}");
    }
}

#[test]
fn limits_hold() {
    let hosts: String = (0..17).map(|i| format!("[[host]]\nname = 'h{i}'\nprogram = ''\n")).collect();
    assert_eq!(places(&hosts)[0].0, "too_many");
    let program = "x = 1\n".repeat(12_000);
    assert_eq!(places(&format!("[[host]]\nname = 'a'\nprogram = '''\n{program}'''\n"))[0].0, "too_long");
    assert_eq!(places(&format!("limit = '11min'\n{}", two("", "")))[0].0, "out_of_range");
    assert_eq!(places(&"#".repeat(limits::FILE + 1))[0].0, "too_long");
    assert_eq!(places("")[0].0, "missing");
}

#[test]
fn a_file_that_is_wrong_everywhere_is_refused_quickly() {
    let begun = std::time::Instant::now();
    for line in ["=\n", "\"", "a = [\n", "[", "[[host]]\n", "\u{0}", "'''", "[a.b]\n", "host = "] {
        let problems = problems(&line.repeat(limits::FILE / line.len()));
        assert!((1..=limits::PROBLEMS).contains(&problems.len()), "{line:?}: {}", problems.len());
    }
    let keys: String = (0..70_000).map(|i| format!("key{i} = 1\n")).collect();
    assert_eq!(problems(&keys).len(), limits::PROBLEMS);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn a_mistake_in_a_program_is_placed_in_the_program_and_in_the_file() {
    let source = "title = 'x'\n[[host]]\nname = 'a'\nprogram = '''\nx = 1\nclass Y: pass\n'''\n[[host]]\nname = 'b'\nprogram = \"x = (\\ny = 2\"\n";
    let problems = problems(source);
    assert_eq!((problems[0].code, problems[0].line), ("outside_subset", Some(6)));
    assert_eq!(problems[0].program, Some(("a".into(), 2, 7)));
    assert_eq!((problems[1].code, problems[1].line), ("syntax", Some(10)));
    assert!(problems[0].to_string().contains("(line 2, column 7 of the program of a)"), "{}", problems[0]);
}

#[test]
fn a_scripted_drop_names_a_host_and_one_count() {
    let with = |drop: &str| places(&format!("[link]\ndrop = [{drop}]\n{}", two("", "")))[0].0;
    assert_eq!(with("{ from = 'nobody', data = 1 }"), "unknown_host");
    assert_eq!(with("{ from = 'a' }"), "drop_counts_one");
    assert_eq!(with("{ from = 'a', data = 1, syn = 1 }"), "drop_counts_one");
    assert_eq!(with("{ from = 'a', data = 0 }"), "out_of_range");
    assert_eq!(with("{ data = 1 }"), "missing");
}

#[test]
fn json_problems_have_paths() {
    let problems = from_json(&serde_json::json!({
        "seed": -1, "host": [{ "name": "a", "program": "", "files": { "x": { "base64": "!" } } }]
    }))
    .unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["seed", "host[0].files.x.base64"]);
    assert!(from_json(&serde_json::json!([1])).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(source in "\\PC{0,200}") {
        let _ = from_toml(&source);
    }

    #[test]
    fn no_cut_or_change_of_a_good_file_makes_the_reader_panic(at in 0..FULL.len(), with in "[\"'=\\[\\]{}\\n0a]{0,3}") {
        if FULL.is_char_boundary(at) {
            let _ = from_toml(&FULL[..at]);
            let _ = from_toml(&format!("{}{with}{}", &FULL[..at], &FULL[at..]));
        }
    }
}
