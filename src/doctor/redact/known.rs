//! Names that identify the bot or its people, and may look like any other word.

use std::path::Path;

use crate::{
    address::parse_user_id,
    config::Matrix,
    doctor::{facts::Facts, probe::Context},
    homeserver::{Device, TokenFault, token_faults},
    session::Credentials,
};

/// Names and places that the examination came across.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Each with its sort, which is the word of its pseudonym.
    pub names: Vec<(&'static str, String)>,
    pub home: Option<String>,
}

impl Known {
    /// Shorter names occur in any text, and identify nobody.
    const SHORTEST: usize = 3;

    /// Everything of this sort in the environment, the configuration, and the answers.
    pub fn of(context: &Context, facts: &Facts) -> Self {
        let mut known = Self::default();
        known.surroundings(context);
        if let Ok(matrix) = facts.matrix() {
            known.configured(matrix);
        }
        if let Ok(credentials) = facts.credentials() {
            known.token(credentials);
        }
        known.answers(facts);
        known
    }

    fn surroundings(&mut self, context: &Context) {
        let variable = |name| {
            let value = (context.environment)(name)?;
            value.into_string().ok().filter(|value| !value.is_empty())
        };
        for name in ["USER", "LOGNAME", "HOSTNAME"] {
            self.add("name", variable(name));
        }
        let home = variable("HOME").map(|home| home.trim_end_matches('/').to_owned());
        self.home = home.filter(|home| !home.is_empty());
        let user = self.home.as_ref().and_then(|home| home.rsplit('/').next());
        let user = user.map(str::to_owned);
        self.add("name", user);
        let paths = &context.paths;
        for path in [paths.config_file(), paths.dir()] {
            self.path(path);
        }
    }

    fn configured(&mut self, matrix: &Matrix) {
        // What is wrong with a value is among the findings, and does not quote it.
        if let Ok(Some(url)) = matrix.homeserver_if_set() {
            self.add("server", url.host_str());
        }
        if let Ok(Some(user_id)) = matrix.user_id_if_set() {
            self.user(user_id);
        }
        self.add("device", matrix.device_id_if_set().ok().flatten());
        for user_id in matrix.allow_from().unwrap_or_default() {
            self.user(user_id);
        }
        for room_id in matrix.group_allow_from().unwrap_or_default() {
            let id = room_id.split(':').next().unwrap_or_default();
            self.add("room", id.strip_prefix('!'));
        }
    }

    /// A token may name the user it was made for.
    fn token(&mut self, credentials: &Credentials) {
        for fault in token_faults(&credentials.access_token, &credentials.user_id) {
            if let TokenFault::OtherUser { made_for } = fault {
                self.add("user", Some(made_for));
            }
        }
    }

    fn answers(&mut self, facts: &Facts) {
        if let Some(Ok(whoami)) = &facts.whoami {
            self.user(&whoami.user_id);
            self.add("device", whoami.device_id.as_deref());
        }
        if let Some(Ok(Some(device))) = &facts.device {
            self.device(device);
        }
        if let Some(Ok(devices)) = &facts.devices {
            for device in devices {
                self.device(device);
            }
        }
        if let Some(Ok(Some(account))) = &facts.account {
            self.user(&account.user_id);
            self.add("device", Some(&account.device_id));
        }
        if let Some(Ok(Some(certificate))) = &facts.certificate {
            self.add("name", Some(&certificate.issuer));
            for name in &certificate.names {
                self.add("server", Some(name.trim_start_matches("*.")));
            }
        }
        if let Ok(status) = facts.status() {
            self.user(&status.user_id);
            self.add("device", Some(&status.device_id));
        }
    }

    fn device(&mut self, device: &Device) {
        self.add("device", Some(&device.device_id));
        self.add("name", device.display_name.as_deref());
    }

    fn user(&mut self, user_id: &str) {
        let Ok(user_id) = parse_user_id(user_id) else {
            return;
        };
        self.add("user", Some(user_id.localpart()));
        self.add("server", Some(user_id.server_name().host()));
    }

    fn path(&mut self, path: &Path) {
        self.add("path", path.is_absolute().then(|| path.to_string_lossy()));
    }

    pub fn add(&mut self, sort: &'static str, name: Option<impl AsRef<str>>) {
        let Some(name) = name else {
            return;
        };
        let name = name.as_ref().trim().trim_matches(['[', ']']);
        if name.chars().count() >= Self::SHORTEST {
            self.names.push((sort, name.to_owned()));
        }
    }
}
