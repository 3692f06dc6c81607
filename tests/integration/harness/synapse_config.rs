//! The configuration files of a throwaway Synapse.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// How this server differs from the usual one.
#[derive(Clone, Debug)]
pub struct Config {
    /// The part of user IDs behind the colon.
    pub server_name: String,
    /// A port to use instead of any free one.
    pub port: Option<u16>,
    /// Keep Synapse's own rate limits, except the one on registration.
    pub default_rate_limits: bool,
    /// `max_upload_size` in bytes, where not Synapse's own 50 MiB.
    pub max_upload_size: Option<u64>,
    /// Offer `m.login.password`.
    pub password_login: bool,
    /// What is served on the port, `federation` for example.
    pub resources: &'static [&'static str],
    /// Remove the server's directory when this process ends while the server runs.
    pub remove_dir: bool,
    /// Further settings, laid over the top level of `homeserver.yaml`.
    pub extra: Value,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server_name: "localhost".to_owned(),
            port: None,
            default_rate_limits: false,
            max_upload_size: None,
            password_login: true,
            resources: &["client"],
            remove_dir: false,
            extra: json!({}),
        }
    }
}

impl Config {
    /// Writes the files Synapse is started with, for a server that keeps everything in `dir`.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write(&self, dir: &Path, port: u16) -> Result<(), String> {
        let files = [
            ("homeserver.yaml", self.homeserver(dir, port)),
            ("log.yaml", log()),
        ];
        for (name, content) in files {
            let path = dir.join(name);
            // Every JSON document is a YAML document.
            fs::write(&path, content.to_string())
                .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        }
        Ok(())
    }

    fn homeserver(&self, dir: &Path, port: u16) -> Value {
        let mut settings = json!({
            "server_name": self.server_name,
            "public_baseurl": format!("http://127.0.0.1:{port}/"),
            "listeners": [{
                "port": port,
                "bind_addresses": ["127.0.0.1"],
                "type": "http",
                "resources": [{"names": self.resources}],
            }],
            "database": {"name": "sqlite3", "args": {"database": dir.join("homeserver.db")}},
            "media_store_path": dir.join("media"),
            "log_config": dir.join("log.yaml"),
            "pid_file": dir.join("homeserver.pid"),
            // Nothing is ever signed for anybody else, so any key will do.
            "signing_key": format!("ed25519 a_test {}", "A".repeat(43)),
            "macaroon_secret_key": "throwaway",
            "form_secret": "throwaway",
            "enable_registration": true,
            "enable_registration_without_verification": true,
            "password_config": {"enabled": self.password_login},
            "bcrypt_rounds": 4,
            "federation_domain_whitelist": [],
            "trusted_key_servers": [],
            "presence": {"enabled": false},
            "enable_metrics": false,
            "report_stats": false,
            // The tests register users in a row, whatever the limits under test.
            "rc_registration": unlimited(),
        });
        if !self.default_rate_limits {
            lift_rate_limits(&mut settings);
        }
        if let Some(bytes) = self.max_upload_size {
            settings["max_upload_size"] = json!(bytes);
        }
        for (name, value) in self.extra.as_object().into_iter().flatten() {
            settings[name] = value.clone();
        }
        settings
    }
}

fn lift_rate_limits(settings: &mut Value) {
    for name in [
        "rc_admin_redaction",
        "rc_delayed_event_mgmt",
        "rc_joins_per_room",
        "rc_key_requests",
        "rc_media_create",
        "rc_message",
        "rc_profile",
        "rc_reports",
        "rc_room_creation",
        "rc_user_directory",
    ] {
        settings[name] = unlimited();
    }
    for (name, kinds) in [
        (
            "rc_invites",
            ["per_room", "per_user", "per_issuer"].as_slice(),
        ),
        ("rc_joins", &["local", "remote"]),
        ("rc_login", &["address", "account", "failed_attempts"]),
    ] {
        settings[name] = kinds
            .iter()
            .map(|kind| ((*kind).to_owned(), unlimited()))
            .collect();
    }
}

fn unlimited() -> Value {
    json!({"per_second": 100_000, "burst_count": 100_000})
}

fn log() -> Value {
    json!({
        "version": 1,
        "disable_existing_loggers": false,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
    })
}
