//! Builds the site: microscope and tools as wasm, the pages of both languages, and the tables that `src/lib.rs` includes.
//! Not the server: nothing here knows how a file is sent.
//!
//! `SOCKSCOPE_SKIP_UI=1` leaves the wasm out, for a quick `cargo check`; the pages then say so.
//! `SOCKSCOPE_WASM_PROFILE=NAME` builds it with another profile than `wasm`.

mod lab;
mod pack;
mod pages;
mod scenarios;
mod texts;

use std::path::{Path, PathBuf};

/// Sentences about what is wrong, each shown as an error of the build.
type Problems = Vec<String>;

/// Where everything stands.
struct Places {
    /// The workspace.
    root: PathBuf,
    /// This package.
    web: PathBuf,
    /// Where generated files go.
    out: PathBuf,
}

fn main() {
    let web = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let root = web.parent().expect("the package stands in the workspace").to_path_buf();
    let places = Places { root, web, out: PathBuf::from(variable("OUT_DIR")) };
    watch(&places);
    if let Err(problems) = build(&places) {
        for problem in problems {
            for line in problem.lines() {
                println!("cargo::error={line}");
            }
        }
        std::process::exit(1);
    }
}

fn build(places: &Places) -> Result<(), Problems> {
    let texts = texts::load(&places.web.join("i18n"))?;
    let scenarios = scenarios::load(&places.web)?;
    let mut site = pack::Site::new(&places.out);
    let modules = match std::env::var("SOCKSCOPE_SKIP_UI") {
        Ok(value) if value != "0" && !value.is_empty() => None,
        _ => Some(lab::build(places, &mut site)?),
    };
    pages::build(places, &texts, &scenarios, modules.as_ref(), &mut site)?;
    scenarios::pack(&scenarios, &mut site);
    write(&places.out.join("assets.rs"), &site.finish()?)?;
    write(&places.out.join("scenarios.rs"), &scenarios::table(&scenarios))?;
    write(&places.out.join("texts.rs"), &texts::table(&texts))
}

/// Everything the result depends on. A folder stands for all files below it.
fn watch(places: &Places) {
    for variable in ["SOCKSCOPE_SKIP_UI", "SOCKSCOPE_WASM_PROFILE"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let ours = ["build", "i18n", "scenarios", "scripts", "styles", "templates", "pages.toml"]
        .map(|name| places.web.join(name));
    let theirs = [
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "core/Cargo.toml",
        "core/src",
        "wasm-ui/Cargo.toml",
        "wasm-ui/build.rs",
        "wasm-ui/src",
    ]
    .map(|name| places.root.join(name));
    // A path that does not exist would rebuild everything each time.
    for path in ours.iter().chain(&theirs).filter(|path| path.exists()) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// A variable that cargo always sets for a build script.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

fn read(path: &Path) -> Result<String, Problems> {
    std::fs::read_to_string(path).map_err(|error| vec![format!("{}: {error}", path.display())])
}

fn write(path: &Path, content: &str) -> Result<(), Problems> {
    std::fs::write(path, content).map_err(|error| vec![format!("{}: {error}", path.display())])
}
