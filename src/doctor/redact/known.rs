//! What tells who and where the bot is, and may look like any other word.

use std::path::Path;

use super::pseudonyms::Sort;
use crate::{
    config::Matrix,
    doctor::{facts::Facts, subject::Subject},
    homeserver::{Device, TokenDoubt, TokenShape, UserId},
};

/// Names and places that the examination came across.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub(super) names: Vec<(Sort, String)>,
    pub(super) home: Option<String>,
}

impl Known {
    /// Shorter names are words of any text, and tell nothing.
    const SHORTEST: usize = 3;

    /// Everything of this sort in the environment, the configuration, and the answers.
    pub(in crate::doctor) fn of(subject: &Subject, facts: &Facts) -> Self {
        let mut known = Self::default();
        known.surroundings(subject);
        if let Some(config) = &facts.config {
            if let Some(matrix) = &config.matrix {
                known.configured(matrix);
            }
            if let Some(credentials) = config.credentials() {
                let shape = TokenShape::of(&credentials.access_token);
                known.token(&shape, &credentials.user_id);
            }
        }
        known.answers(facts);
        known
    }

    fn surroundings(&mut self, subject: &Subject) {
        let variable = |name| {
            let value = (subject.environment)(name)?;
            value.into_string().ok().filter(|value| !value.is_empty())
        };
        for name in ["USER", "LOGNAME", "HOSTNAME"] {
            self.add(Sort::Name, variable(name));
        }
        let home = variable("HOME").map(|home| home.trim_end_matches('/').to_owned());
        self.home = home.filter(|home| !home.is_empty());
        let user = self.home.as_ref().and_then(|home| home.rsplit('/').next());
        let user = user.map(str::to_owned);
        self.add(Sort::Name, user);
        let paths = &subject.paths;
        for path in [paths.config_file(), paths.dir()] {
            self.path(path);
        }
    }

    fn configured(&mut self, matrix: &Matrix) {
        // What is wrong with a value is among the findings, and does not quote it.
        if let Ok(Some(url)) = matrix.homeserver_if_set() {
            self.add(Sort::Server, url.host_str());
        }
        if let Ok(Some(user_id)) = matrix.user_id_if_set() {
            self.user(user_id);
        }
        self.add(Sort::Device, matrix.device_id_if_set().ok().flatten());
        for user_id in matrix.allow_from().unwrap_or_default() {
            self.user(user_id);
        }
        for room_id in matrix.group_allow_from().unwrap_or_default() {
            let id = room_id.split(':').next().unwrap_or_default();
            self.add(Sort::Room, id.strip_prefix('!'));
        }
    }

    /// A token may name the user it was made for.
    fn token(&mut self, shape: &TokenShape, user_id: &str) {
        for doubt in shape.doubts(user_id) {
            if let TokenDoubt::OtherUser { made_for } = doubt {
                self.add(Sort::User, Some(made_for));
            }
        }
    }

    fn answers(&mut self, facts: &Facts) {
        if let Some(Ok(whoami)) = &facts.whoami {
            self.user(&whoami.user_id);
            self.add(Sort::Device, whoami.device_id.as_deref());
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
            self.add(Sort::Device, Some(&account.device_id));
        }
        if let Some(Ok(Some(certificate))) = &facts.certificate {
            self.add(Sort::Name, Some(&certificate.issuer));
            for name in &certificate.names {
                self.add(Sort::Server, Some(name.trim_start_matches("*.")));
            }
        }
        let gateway = facts
            .gateway
            .as_ref()
            .and_then(|gateway| gateway.as_ref().ok());
        if let Some(status) = gateway.and_then(|gateway| gateway.status()) {
            self.user(&status.user_id);
            self.add(Sort::Device, Some(&status.device_id));
        }
    }

    fn device(&mut self, device: &Device) {
        self.add(Sort::Device, Some(&device.device_id));
        self.add(Sort::Name, device.display_name.as_deref());
    }

    fn user(&mut self, user_id: &str) {
        let Ok(user_id) = UserId::parse(user_id) else {
            return;
        };
        self.add(Sort::User, Some(user_id.localpart()));
        self.add(Sort::Server, Some(user_id.server_name().host()));
    }

    fn path(&mut self, path: &Path) {
        self.add(
            Sort::Path,
            path.is_absolute().then(|| path.to_string_lossy()),
        );
    }

    pub(super) fn add(&mut self, sort: Sort, name: Option<impl AsRef<str>>) {
        let Some(name) = name else {
            return;
        };
        let name = name.as_ref().trim().trim_matches(['[', ']']);
        if name.chars().count() >= Self::SHORTEST {
            self.names.push((sort, name.to_owned()));
        }
    }
}
