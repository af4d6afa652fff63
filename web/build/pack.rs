//! Packs files for serving: content hashes, gzip, brotli, and the generated table. It knows no page and no wasm.

use crate::Problems;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The site as it grows.
pub struct Site {
    out: PathBuf,
    files: Vec<File>,
}

struct File {
    path: String,
    content: Vec<u8>,
    immutable: bool,
}

impl Site {
    pub fn new(out: &Path) -> Self {
        Site { out: out.to_path_buf(), files: Vec::new() }
    }

    /// Adds a file under the path at which it is served. `immutable`: the path changes with the content.
    pub fn add(&mut self, path: &str, content: impl Into<Vec<u8>>, immutable: bool) {
        self.files.push(File { path: path.to_string(), content: content.into(), immutable });
    }

    /// Adds a file as `/assets/NAME.HASH.EXTENSION` and returns that path.
    pub fn add_hashed(&mut self, name: &str, extension: &str, content: impl Into<Vec<u8>>) -> String {
        let content = content.into();
        let hash = blake3::hash(&content).to_hex();
        let path = format!("/assets/{name}.{}.{extension}", &hash[..12]);
        self.add(&path, content, true);
        path
    }

    /// Writes every file in its encodings, and returns the table as Rust source, sorted by path.
    pub fn finish(mut self) -> Result<String, Problems> {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        if let Some(pair) = self.files.windows(2).find(|pair| pair[0].path == pair[1].path) {
            return Err(vec![format!("two files of the site want the path {}", pair[0].path)]);
        }
        let folder = self.out.join("packed");
        std::fs::create_dir_all(&folder).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
        let mut used = Vec::new();
        let mut table = String::from("&[\n");
        for file in &self.files {
            let packed =
                encode(&folder, file, &mut used).map_err(|error| vec![format!("packing {}: {error}", file.path)])?;
            table.push_str(&packed);
        }
        table.push(']');
        sweep(&folder, &used);
        Ok(table)
    }
}

/// One row of the table. Encodings are kept by content, so a build only compresses what has changed.
fn encode(folder: &Path, file: &File, used: &mut Vec<String>) -> std::io::Result<String> {
    let hash = blake3::hash(&file.content).to_hex();
    let stem = &hash[..32];
    let mut keep = |suffix: &str, make: &dyn Fn() -> std::io::Result<Vec<u8>>| -> std::io::Result<(String, usize)> {
        let name = format!("{stem}.{suffix}");
        let path = folder.join(&name);
        if !path.exists() {
            // Renamed into place, so that an interrupted build leaves no half file behind.
            let draft = folder.join(format!("{name}.draft"));
            std::fs::write(&draft, make()?)?;
            std::fs::rename(draft, &path)?;
        }
        used.push(name.clone());
        Ok((name, std::fs::metadata(path)?.len() as usize))
    };
    let (identity, length) = keep("raw", &|| Ok(file.content.clone()))?;
    let (gzip, gzip_length) = keep("gz", &|| gzip(&file.content))?;
    let (brotli, brotli_length) = keep("br", &|| brotli(&file.content))?;
    let include = |name: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/packed/{name}\"))");
    let smaller =
        |name: &str, size: usize| if size < length { format!("Some({})", include(name)) } else { "None".to_string() };
    let mut row = String::new();
    writeln!(
        row,
        "    Asset {{ path: {:?}, content_type: {:?}, etag: {:?}, identity: {}, gzip: {}, brotli: {}, immutable: {} }},",
        file.path,
        content_type(&file.path),
        format!("\"{}\"", &hash[..20]),
        include(&identity),
        smaller(&gzip, gzip_length),
        smaller(&brotli, brotli_length),
        file.immutable,
    )
    .expect("writing to a string");
    Ok(row)
}

/// Removes encodings of earlier builds. What cannot be removed only takes room.
fn sweep(folder: &Path, used: &[String]) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if !used.iter().any(|name| entry.file_name().to_string_lossy() == *name) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

fn brotli(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut packed, &parameters)?;
    Ok(packed)
}

/// Pages have no extension.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("toml") => "application/toml; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}
