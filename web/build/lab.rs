//! Microscope and tools as two wasm modules: the target, the nested build, wasm-bindgen as a library. It knows no page.

use crate::pack::Site;
use crate::{Places, Problems};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "sockscope-wasm-ui";

/// What runs in the browser: the names of wasm-ui's two binaries.
const MODULES: [&str; 2] = ["lab", "tools"];

/// Where the modules are served: of each the script that loads the wasm beside it.
pub struct Modules {
    /// The microscope.
    pub lab: String,
    /// The tools.
    pub tools: String,
}

/// Builds both modules and adds their files to the site.
pub fn build(places: &Places, site: &mut Site) -> Result<Modules, Problems> {
    ensure_target()?;
    let built = nested_build(places)?;
    let [lab, tools] = MODULES.map(|name| add(places, site, &built, name));
    Ok(Modules { lab: lab?, tools: tools? })
}

/// Adds one module; the answer is where its script stands.
fn add(places: &Places, site: &mut Site, built: &Path, name: &str) -> Result<String, Problems> {
    let wasm = built.join(format!("{name}.wasm"));
    let folder = places.out.join(name);
    bind(&wasm, name, &folder).map_err(|error| vec![format!("wasm-bindgen refuses {}: {error:#}", wasm.display())])?;
    // One hash for all of them: the glue finds its wasm and its snippets by relative names.
    let mut files = Vec::new();
    collect(&folder, &folder, &mut files).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for (name, content) in &files {
        hasher.update(name.as_bytes()).update(&[0]).update(content);
    }
    let hash = hasher.finalize().to_hex();
    let base = format!("/assets/{name}-{}", &hash[..12]);
    for (name, content) in files {
        site.add(&format!("{base}/{name}"), content, true);
    }
    Ok(format!("{base}/{name}.js"))
}

/// The standard library for wasm, installed by rustup if it is missing.
fn ensure_target() -> Result<(), Problems> {
    if target_is_installed() {
        return Ok(());
    }
    let answer = Command::new("rustup").args(["target", "add", TARGET]).stdin(Stdio::null()).output();
    let reason = match answer {
        Ok(output) if output.status.success() && target_is_installed() => return Ok(()),
        Ok(output) => {
            format!("`rustup target add {TARGET}` did not work: {}", String::from_utf8_lossy(&output.stderr).trim())
        }
        Err(_) => "rustup was not found, so it cannot be installed from here.".to_string(),
    };
    Err(vec![
        format!("the Rust target {TARGET} is missing: the microscope in the browser needs it."),
        reason,
        format!("Type `rustup target add {TARGET}` and build again; without rustup (https://rustup.rs), install your"),
        format!(
            "distribution's standard library for {TARGET}. SOCKSCOPE_SKIP_UI=1 builds a site without the microscope."
        ),
    ])
}

fn target_is_installed() -> bool {
    let mut command = Command::new("rustc");
    clean(&mut command);
    let output = command.args(["--print", "target-libdir", "--target", TARGET]).output();
    output.is_ok_and(|output| {
        let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        output.status.success()
            && std::fs::read_dir(folder).is_ok_and(|mut files| {
                files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
            })
    })
}

/// A cargo of its own with a target folder of its own: the outer one holds the lock on the other. Both modules are
/// binaries of one package, so all they share is compiled once. The answer is the folder they are in.
fn nested_build(places: &Places) -> Result<PathBuf, Problems> {
    let profile = match std::env::var("SOCKSCOPE_WASM_PROFILE") {
        Ok(name) if !name.is_empty() => name,
        _ => "wasm".to_string(),
    };
    let target = target_folder(&places.out).join("wasm");
    let mut command = Command::new(crate::variable("CARGO"));
    clean(&mut command);
    command
        .current_dir(&places.root)
        .args(["build", "--locked", "--bins", "--package", PACKAGE, "--target", TARGET, "--profile", &profile])
        .arg("--target-dir")
        .arg(&target)
        // Views without their types: a twentieth less to load, and quicker to compile.
        .env("RUSTFLAGS", "--cfg erase_components");
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| vec![format!("the nested cargo could not be started: {error}")])?;
    if !status.success() {
        return Err(vec![format!(
            "the microscope and the tools ({PACKAGE}) do not build for {TARGET}: the compiler's messages stand below"
        )]);
    }
    let folder = if profile == "dev" { "debug" } else { profile.as_str() };
    Ok(target.join(TARGET).join(folder))
}

/// The outer build's target folder. What cargo gives a build script is `TARGET[/TRIPLE]/PROFILE/build/PACKAGE/out`.
fn target_folder(out: &Path) -> PathBuf {
    let folder = out.ancestors().nth(4).expect("cargo's output folder has four folders above it");
    let triple = std::env::var_os("TARGET").is_some_and(|triple| folder.file_name() == Some(&triple));
    if triple { folder.parent().unwrap_or(folder) } else { folder }.to_path_buf()
}

/// Takes away what the outer cargo says about itself: it would change fingerprints, flags and compilers of the nested one.
fn clean(command: &mut Command) {
    const KEPT: &[&str] = &["CARGO_HOME", "CARGO_MAKEFLAGS"];
    const KEPT_PREFIXES: &[&str] = &["CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTR", "CARGO_SOURCE_"];
    const TAKEN: &[&str] = &[
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC",
        "RUSTDOC",
        "RUSTC_LINKER",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CLIPPY_ARGS",
        "TARGET",
        "HOST",
        "OUT_DIR",
        "NUM_JOBS",
        "OPT_LEVEL",
        "DEBUG",
        "PROFILE",
        "LD_LIBRARY_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
    ];
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let of_cargo = name.starts_with("CARGO")
            && !KEPT.contains(&name)
            && !KEPT_PREFIXES.iter().any(|start| name.starts_with(start));
        if of_cargo || name.starts_with("DEP_") || TAKEN.contains(&name) {
            command.env_remove(name);
        }
    }
}

fn bind(wasm: &Path, name: &str, folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    Bindgen::new()
        .input_path(wasm)
        .out_name(name)
        .web(true)?
        // Whoever loads the glue need not say where the wasm stands: beside it.
        .omit_default_module_path(false)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
}

fn collect(base: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(base, &path, files)?;
        } else {
            let name = path.strip_prefix(base).expect("below its base").to_string_lossy().replace('\\', "/");
            files.push((name, std::fs::read(&path)?));
        }
    }
    Ok(())
}
