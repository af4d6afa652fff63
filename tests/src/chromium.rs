//! A real Chromium without a window, driven through WebDriver. It knows pages and scripts, and nothing of the microscope.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use fantoccini::error::ErrorStatus;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a page may take to become what a test waits for. Machines of a build farm are slow.
const PATIENCE: Duration = Duration::from_secs(30);

/// A driver, its browser, and one window.
pub struct Chromium {
    driver: Child,
    port: u16,
    session: String,
    profile: PathBuf,
    /// The WebDriver session.
    pub client: Client,
}

/// Which light the system of the reader wishes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// The light one.
    Light,
    /// The dark one.
    Dark,
}

/// Why no browser can be driven here, if so.
pub fn missing() -> Option<String> {
    let lacks = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        !command.status().is_ok_and(|status| status.success())
    };
    if lacks("chromedriver") {
        return Some("chromedriver is not installed (apt-get install chromium chromium-driver)".into());
    }
    None
}

impl Chromium {
    /// Opens a window of this size.
    pub async fn open(width: u32, height: u32) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let profile = std::env::temp_dir().join(format!("sockscope-chromium-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&profile).expect("a folder for the browser's profile");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver can be started");
        let lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok())
            .expect("chromedriver says its port");
        let arguments = [
            "--headless=new".to_string(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-quic".into(),
            "--disable-dev-shm-usage".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--lang=en-US".into(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.display()),
        ];
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("an object was written above") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("chromedriver opens a browser");
        let session = client.session_id().await.ok().flatten().expect("a new session has a name");
        let this = Chromium { driver, port, session, profile, client };
        this.resize(width, height).await;
        this
    }

    /// Gives the page this size, also below what a window of the system may have.
    pub async fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Sets what `prefers-color-scheme` says.
    pub async fn light(&self, light: Light) {
        let value = if light == Light::Dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Opens a page and waits until it is loaded.
    pub async fn goto(&self, address: &str) {
        self.client.goto(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// The value of a script's `return`.
    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The value that a script hands to its last argument, `done`.
    pub async fn later(&self, script: &str, arguments: Vec<Value>) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.client.execute_async(&script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until an expression of the page is neither false, null, 0 nor empty, and returns it.
    pub async fn until(&self, what: &str, expression: &str) -> Value {
        let script = format!("return ({expression})");
        let start = Instant::now();
        loop {
            let value = self.client.execute(&script, Vec::new()).await;
            match value {
                Ok(value) if truthy(&value) => return value,
                Err(error) if !passing(&error) => panic!("{what}: {error}\nin {expression}"),
                _ => {}
            }
            if start.elapsed() > PATIENCE {
                self.screenshot("failed").await;
                panic!("waited {PATIENCE:?} in vain until {what}: {expression}\n{}", self.console().await.join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Clicks the first element that matches, as a mouse does.
    pub async fn click(&self, selector: &str) {
        self.until(&format!("{selector} is there"), &format!("document.querySelector({selector:?}) !== null")).await;
        let found = self.client.find(fantoccini::Locator::Css(selector)).await;
        let element = found.unwrap_or_else(|error| panic!("{selector}: {error}"));
        element.click().await.unwrap_or_else(|error| panic!("clicking {selector}: {error}"));
    }

    /// What the page wrote on its console since the last call: warnings and errors.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.client.issue_cmd(Log).await.expect("the console can be read");
        let entries = entries.as_array().cloned().unwrap_or_default();
        let serious = entries.iter().filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        serious.map(|entry| entry["message"].as_str().unwrap_or_default().to_string()).collect()
    }

    /// Writes a picture of the whole page to `target/screenshots/NAME.png`.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let size = &metrics["cssContentSize"];
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let shot = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools("Page.captureScreenshot", shot).await;
        let bytes = BASE64.decode(picture["data"].as_str().expect("a picture")).expect("base64");
        let path = crate::leavings("screenshots").join(format!("{name}.png"));
        std::fs::write(&path, bytes).expect("the picture can be written");
        path
    }

    async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        let command = DevTools { command, parameters };
        self.client.issue_cmd(command).await.unwrap_or_else(|error| panic!("DevTools: {error}"))
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // A test that has failed stands outside its runtime, so the session is ended by hand: a driver that is merely
        // killed leaves its browser behind.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let session = &self.session;
            let _ =
                write!(stream, "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            let _ = stream.read(&mut [0; 256]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(it) => *it,
        Value::Number(it) => it.as_f64() != Some(0.0),
        Value::String(it) => !it.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// A page that is being replaced answers so.
fn passing(error: &fantoccini::error::CmdError) -> bool {
    match error {
        fantoccini::error::CmdError::Standard(error) => {
            matches!(
                error.error,
                ErrorStatus::StaleElementReference | ErrorStatus::JavascriptError | ErrorStatus::UnknownError
            )
        }
        _ => false,
    }
}

/// A command of Chromium's own protocol through the driver.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.parameters });
        (http::Method::POST, Some(body.to_string()))
    }
}

/// The entries of the console.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
