//! The Python tool's own server, `nanobot serve`, as `requirements-nanobot.txt` has it.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::eventually::eventually;
use super::model::Model;
use super::process::Process;
use super::python::{Packages, Python};
use super::record::Record;

/// How long it may take to start on a busy machine.
const START: Duration = Duration::from_mins(2);

/// A running one, which asks a stand-in for a model. Dropping it kills it.
#[derive(Debug)]
pub struct PythonTool {
    url: String,
    process: Process,
    _home: TempDir,
}

impl PythonTool {
    /// Starts one; `None`, said aloud, where it cannot be installed.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start(model: &Model) -> Option<Self> {
        let python = installed().await?;
        let home = tempfile::tempdir().expect("a temporary directory");
        let config = json!({
            "agents": {"defaults": {
                "workspace": home.path().join("workspace"), "model": "tiny", "provider": "custom"
            }},
            "providers": {"custom": {"apiKey": "k", "apiBase": model.url()}}
        });
        let path = home.path().join("config.json");
        std::fs::write(&path, config.to_string()).expect("a file in the home");
        let port = free_port();
        let mut command = python.command();
        command.args(["-m", "nanobot", "serve", "--port", &port.to_string()]);
        command.arg("--config").arg(&path);
        // Beside this package's own directory it would take `nanobot` for something else.
        command.env("HOME", home.path()).current_dir(home.path());
        let tool = Self {
            process: Process::spawn(command, &Record::default()),
            url: format!("http://127.0.0.1:{port}"),
            _home: home,
        };
        tool.process.give(b"");
        let client = reqwest::Client::builder().no_proxy().build();
        let client = client.expect("an HTTP client");
        eventually("the Python tool's server", START, || async {
            let answer = client.get(format!("{}/health", tool.url)).send().await;
            match answer.and_then(reqwest::Response::error_for_status) {
                Ok(_) => Ok(()),
                Err(error) => Err(format!("{error}\n{}", tool.process.stderr())),
            }
        })
        .await;
        Some(tool)
    }

    /// The address of its API.
    pub fn url(&self) -> String {
        format!("{}/v1", self.url)
    }
}

/// The interpreter that has it.
async fn installed() -> Option<&'static Python> {
    static INSTALLED: OnceCell<Option<Python>> = OnceCell::const_new();
    let prepare = || Python::prepare(Packages::Nanobot, &|step| eprintln!("{step}"));
    let installed = INSTALLED.get_or_init(|| async move {
        match tokio::task::spawn_blocking(prepare)
            .await
            .expect("it does not panic")
        {
            Ok(python) => Some(python),
            Err(error) => {
                eprintln!("skipped: the Python tool cannot be installed: {error}");
                None
            }
        }
    });
    installed.await.as_ref()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}
