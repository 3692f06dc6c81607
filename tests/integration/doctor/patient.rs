//! A healthy bot to be made ill: a copy of one that was logged in once for all tests.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use serde_json::Value;
use tokio::sync::OnceCell;

use super::examined::{Examined, examined};
use crate::{
    harness::account::Bot,
    harness::{bot::Home, shared::shared_synapse},
};

/// The files of the bot that all patients are copies of.
type Files = Vec<(PathBuf, Vec<u8>)>;

const PRIVATE_DIRECTORY: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

/// A home with the device of a healthy bot in it. Others have the same one: it may be asked about,
/// and must not be changed on the homeserver or used by a gateway.
pub struct Patient {
    pub home: Home,
}

impl Patient {
    pub async fn new() -> Self {
        static FILES: OnceCell<Files> = OnceCell::const_new();
        let files = FILES.get_or_init(async || {
            let bot = Bot::new(shared_synapse().await).await;
            let mut files = Files::new();
            collect(&bot.home.path(), Path::new(""), &mut files);
            files
        });
        let home = Home::new();
        for (path, content) in files.await {
            let path = home.path().join(path);
            let mut directory = fs::DirBuilder::new();
            let directory = directory.recursive(true).mode(PRIVATE_DIRECTORY);
            directory.create(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(PRIVATE_FILE)).unwrap();
        }
        Self { home }
    }

    /// One whose homeserver is at this URL.
    pub async fn at(url: &str) -> Self {
        let patient = Self::new().await;
        patient.set("homeserver", url);
        patient
    }

    /// A key of `channels.matrix`.
    pub fn setting(&self, key: &str) -> String {
        let value = self.home.config()["channels"]["matrix"][key].clone();
        value.as_str().unwrap().to_owned()
    }

    pub fn set(&self, key: &str, value: impl Into<Value>) {
        self.home
            .edit_config(|config| config["channels"]["matrix"][key] = value.into());
    }

    /// Examines it where these certificates are trusted, and no others.
    pub async fn examine_trusting(&self, authority: &Path, options: &[&str]) -> Examined {
        let variables = [("SSL_CERT_FILE", authority.as_os_str())];
        self.examine_with(&variables, options).await
    }

    /// Examines it with these variables in its environment.
    pub async fn examine_with(&self, variables: &[(&str, &OsStr)], options: &[&str]) -> Examined {
        // None runs here.
        let mut arguments = vec!["doctor", "--json", "--skip", "gateway"];
        arguments.extend(options);
        let mut command = self.home.command(&arguments);
        command.envs(variables.iter().copied());
        examined(&self.home.run_command(command, "").await)
    }

    pub async fn examine(&self, options: &[&str]) -> Examined {
        self.examine_with(&[], options).await
    }
}

fn collect(root: &Path, below: &Path, files: &mut Files) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            collect(root, &path, files);
        } else {
            files.push((path, fs::read(entry.path()).unwrap()));
        }
    }
}
