//! A throwaway NATS server on loopback: the message broker between gateways and workers.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::disk::SmallDisk;
use super::eventually::{PATIENCE, eventually};
use super::process::Process;
use super::python::{Packages, Python};
use super::record::Record;

/// A message broker, and where it keeps what it keeps. Dropping it ends it.
pub struct Broker {
    process: Option<Process>,
    record: Record,
    dir: TempDir,
    pub port: u16,
    configuration: String,
    /// Where it listens, from its next start on.
    pub host: Ipv4Addr,
    /// How many bytes it keeps, from its next start on.
    pub max_store: u64,
    /// The disk that it keeps it on, from its next start on.
    pub disk: Option<SmallDisk>,
}

fn python() -> &'static Python {
    static PYTHON: OnceLock<Python> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let prepared = Python::prepare(Packages::Nats, &|_| ());
        prepared.unwrap_or_else(|error| panic!("{error}"))
    })
}

impl Broker {
    /// One that lets in everybody.
    pub async fn start() -> Self {
        Self::with("", &[]).await
    }

    /// One with more in its configuration, and more in its environment.
    pub async fn with(configuration: &str, environment: &[(&str, &str)]) -> Self {
        let dir = tempfile::Builder::new().prefix("nanobot-nats-").tempdir();
        let mut broker = Self {
            process: None,
            record: Record::default(),
            dir: dir.expect("a temporary directory"),
            port: free_port(),
            configuration: configuration.to_owned(),
            host: Ipv4Addr::LOCALHOST,
            max_store: 1 << 40,
            disk: None,
        };
        for (name, value) in environment {
            broker.set(name, value);
        }
        broker.restart().await;
        broker
    }

    /// Where its files are.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    fn store(&self) -> PathBuf {
        let disk = self.disk.as_ref().map(SmallDisk::path);
        disk.unwrap_or(self.path()).join("store")
    }

    fn set(&self, name: &str, value: &str) {
        let path = self.path().join("environment");
        let known = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, format!("{known}{name}={value}\n")).unwrap();
    }

    /// Its address, for a configuration.
    pub fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it again where it keeps what it kept, and waits until it listens.
    pub async fn restart(&mut self) {
        let text = format!(
            "listen: {}:{}\njetstream {{\n  store_dir: \"{}\"\n  sync_interval: always\n  \
             max_file_store: {}\n}}\n{}",
            self.host,
            self.port,
            self.store().display(),
            self.max_store,
            self.configuration
        );
        fs::write(self.path().join("nats.conf"), text).unwrap();
        let mut command = Command::new(python().interpreter().with_file_name("nats-server"));
        command.arg("-c").arg(self.path().join("nats.conf"));
        let environment = fs::read_to_string(self.path().join("environment")).unwrap_or_default();
        let pairs = environment.lines().filter_map(|line| line.split_once('='));
        command.envs(pairs);
        let process = Process::spawn(command, &self.record);
        process.expect_line("Server is ready", PATIENCE).await;
        let port = self.port;
        eventually("the broker", PATIENCE, || async {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map(drop)
        })
        .await;
        self.process = Some(process);
    }

    /// Ends it at once.
    pub async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// Loses all that it kept.
    pub fn wipe(&self) {
        fs::remove_dir_all(self.store()).unwrap();
    }

    /// What it says.
    pub fn log(&self) -> String {
        self.process
            .as_ref()
            .map(Process::stderr)
            .unwrap_or_default()
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
