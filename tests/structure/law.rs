//! The import law of the house: which room may know which. A line of the table is a decision; changing one is too.

use crate::source::{Source, root, rust};

/// Words that every room of core may use.
const WORDS: &[&str] = &["time", "machine", "stream", "random"];

/// What else each room of core may use. `sim` may use everything and does not stand here.
const CORE: &[(&str, &[&str])] = &[
    ("address", &[]),
    ("wire", &["address"]),
    ("link", &["wire"]),
    ("tcp", &["wire", "address"]),
    ("udp", &["wire", "address"]),
    ("socket", &["tcp", "udp", "wire", "link", "address"]),
    ("framing", &[]),
    ("http", &[]),
    ("packets", &["wire", "framing", "http", "address"]),
    ("program", &["socket", "address"]),
    ("scenario", &["address", "link", "program"]),
    ("trace", &["address", "wire", "link", "tcp", "udp", "socket", "framing", "http", "program", "scenario"]),
];

/// What `program` may know of `socket`: what leaves it and what comes back, never a stack.
const CALLS: &[&str] = &["call", "outcome", "errno", "option", "Call", "Outcome", "Errno", "SocketOption"];

fn room(source: &Source, below: &str) -> Option<String> {
    let rest = source.path.strip_prefix(below)?;
    Some(rest.split(['/', '.']).next()?.to_string())
}

#[test]
fn every_room_of_core_keeps_the_import_law() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for source in rust(&["core/src"]) {
        let Some(room) = room(&source, "core/src/") else { continue };
        let Some((_, allowed)) = CORE.iter().find(|(name, _)| *name == room) else {
            let free = ["sim", "lib"].contains(&room.as_str()) || WORDS.contains(&room.as_str());
            assert!(free, "the room {room} ({}) has no line in the import law", source.path);
            continue;
        };
        for named in source.rooms() {
            seen += 1;
            let known = CORE.iter().any(|(name, _)| *name == named) || named == "sim";
            if known && named != room && !allowed.contains(&named.as_str()) {
                broken.push(format!("{}: {room} must not know {named}", source.path));
            }
        }
    }
    assert!(seen > 50, "only {seen} imports found: the scan is broken");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_words_of_core_know_no_room() {
    for source in rust(&["core/src"]) {
        let Some(room) = room(&source, "core/src/").filter(|room| WORDS.contains(&room.as_str())) else { continue };
        let rooms: Vec<String> =
            source.rooms().into_iter().filter(|it| CORE.iter().any(|(name, _)| name == it)).collect();
        assert!(rooms.is_empty(), "{}: {room} must not know {rooms:?}", source.path);
    }
}

#[test]
fn programs_know_calls_and_outcomes_but_no_stack() {
    for source in rust(&["core/src/program"]) {
        let text = source.working();
        for (at, word) in text.match_indices("crate::socket::") {
            let rest = &text[at + word.len()..];
            let names = rest.trim_start_matches('{').split([';', '}', ')']).next().unwrap_or("");
            let forbidden = ["Stack", "stack", "descriptor", "Table", "port"];
            let found =
                forbidden.iter().find(|it| names.split(|c: char| !c.is_alphanumeric()).any(|name| name == **it));
            assert!(found.is_none(), "{}: `socket::{names}`; a program may know only {CALLS:?}", source.path);
        }
    }
}

#[test]
fn core_has_no_clock_no_sockets_no_threads_and_no_order_of_chance() {
    const FORBIDDEN: &[(&str, &str)] = &[
        ("std::time::Instant", "the clock is an argument"),
        ("std::time::SystemTime", "the clock is an argument"),
        ("SystemTime::", "the clock is an argument"),
        ("std::thread", "core is one machine after the other"),
        ("TcpStream", "real sockets belong to server::kernel"),
        ("TcpListener", "real sockets belong to server::kernel"),
        ("UdpSocket", "real sockets belong to server::kernel"),
        ("std::fs", "a scenario carries its files"),
        ("std::process", "core starts nothing"),
        ("std::env", "core has no surroundings"),
        ("HashMap", "its order is chance; use BTreeMap"),
        ("HashSet", "its order is chance; use BTreeSet"),
        ("thread_rng", "chance comes from the seed"),
        ("unsafe ", "core has none"),
        ("wasm_bindgen", "core does not know the browser"),
        ("tokio", "core has no runtime"),
    ];
    // Where a word is there and does no harm, and why.
    const ALLOWED: &[(&str, &str)] = &[("core/src/program/vm/collect.rs", "HashSet")]; // asked for membership only, never gone through
    let mut broken = Vec::new();
    for source in rust(&["core/src"]) {
        let text = source.working();
        for (word, why) in FORBIDDEN {
            if text.contains(word) && !ALLOWED.contains(&(source.path.as_str(), word)) {
                broken.push(format!("{}: `{}`: {why}", source.path, word.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn views_of_the_microscope_stand_on_models_and_only_browser_knows_the_glass() {
    for source in rust(&["wasm-ui/src"]) {
        let text = source.working();
        let rooms = source.rooms();
        if source.path.starts_with("wasm-ui/src/model/") {
            for outer in ["view", "browser"] {
                assert!(!rooms.contains(outer), "{}: a model must not know {outer}", source.path);
            }
            for glass in ["leptos", "web_sys", "js_sys", "wasm_bindgen"] {
                assert!(!text.contains(glass), "{}: a model must not know {glass}", source.path);
            }
        }
        let glass = source.path.starts_with("wasm-ui/src/browser");
        assert!(glass || !text.contains("web_sys"), "{}: only browser.rs knows web-sys", source.path);
        assert!(
            !text.contains("sockscope::") && !text.contains("sockscope_web::"),
            "{}: knows the server",
            source.path
        );
    }
}

#[test]
fn the_servers_layers_look_inward() {
    for source in rust(&["server/src"]) {
        let rooms = source.rooms();
        let text = source.working();
        assert!(!text.contains("sockscope_wasm_ui"), "{}: the server must not know the microscope", source.path);
        if source.path.starts_with("server/src/kernel") || source.path.starts_with("server/src/peers") {
            assert!(!text.contains("axum"), "{}: must not know axum", source.path);
            for outer in ["routes", "api", "cli", "class", "site"] {
                assert!(!rooms.contains(outer), "{}: must not know {outer}", source.path);
            }
        }
        // The description of the API is made from the routes themselves.
        if source.path.starts_with("server/src/api") && !source.path.ends_with("/openapi.rs") {
            for outer in ["routes", "cli", "accept"] {
                assert!(!rooms.contains(outer), "{}: the API must not know {outer}", source.path);
            }
        }
    }
}

#[test]
fn packages_depend_only_as_the_house_is_drawn() {
    let uses = |package: &str, other: &str| {
        let manifest =
            std::fs::read_to_string(root().join(package).join("Cargo.toml")).expect("every package has a manifest");
        manifest.lines().any(|line| line.starts_with(other) && line[other.len()..].starts_with(['.', ' ', '=']))
    };
    assert!(uses("server", "sockscope-web"), "the scan finds what is there");
    for (package, other) in [
        ("wasm-ui", "sockscope"),
        ("wasm-ui", "sockscope-web"),
        ("server", "sockscope-wasm-ui"),
        ("core", "sockscope"),
        ("core", "sockscope-web"),
        ("core", "tokio"),
        ("web", "sockscope"),
        ("web", "sockscope-wasm-ui"),
    ] {
        assert!(!uses(package, other), "{package} must not depend on {other}");
    }
}
