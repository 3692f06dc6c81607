//! How the broker is reached: the keys that gateway and workers have in common.

use std::path::{Path, PathBuf};

use async_nats::ServerAddr;

use crate::{
    agent::remote::seal::Seal,
    config::{Secret, Section},
    error::{Error, Result},
};

/// The queue where the configuration names none.
const QUEUE: &str = "nanobot";
/// The most characters of a queue's name.
const LONGEST_QUEUE: usize = 32;

/// How the broker is reached.
#[derive(Clone, Debug)]
pub struct Settings {
    pub servers: Vec<ServerAddr>,
    /// Where gateway and workers meet.
    pub queue: String,
    /// Whether nothing is said without TLS.
    pub tls: bool,
    /// The certificates that the servers' are checked with, besides the system's.
    pub root_certificates: Option<PathBuf>,
    /// Our own certificate and its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
    pub login: Login,
    pub seal: Seal,
}

/// How we log in at the broker.
#[derive(Clone, Debug)]
pub enum Login {
    Nothing,
    /// The file that `nsc` writes: a JWT and the seed of its key.
    CredentialsFile(PathBuf),
    /// A file with the seed of an nkey.
    NkeyFile(PathBuf),
    Password(String, Secret),
    Token(Secret),
}

impl Settings {
    /// Takes its keys out of the section. Relative paths start at this directory.
    pub fn read(section: &mut Section, home: &Path) -> Result<Self> {
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
        let servers = servers(section)?;
        let queue = queue(section)?;
        let is_local = servers
            .iter()
            .all(|server| matches!(server.host(), "localhost" | "127.0.0.1" | "::1" | "[::1]"));
        let tls = section.switch("tls")?.unwrap_or(!is_local);
        let mut file = |key| Ok::<_, Error>(section.text(key)?.map(|path| home.join(path)));
        let root_certificates = file("caFile")?;
        let (certificate, key) = (file("certificateFile")?, file("keyFile")?);
        let certificate = both(section, ("certificateFile", certificate), ("keyFile", key))?;
        Ok(Self {
            servers,
            queue,
            tls,
            root_certificates,
            certificate,
            login: login(section, &home)?,
            seal: seal(section)?,
        })
    }

    /// The servers, for people.
    pub fn describe(&self) -> String {
        let servers = self.servers.iter();
        let servers = servers.map(|server| format!("{}:{}", server.host(), server.port()));
        servers.collect::<Vec<_>>().join(", ")
    }
}

/// Where gateway and workers meet.
pub fn queue(section: &mut Section) -> Result<String> {
    let queue = section.text("queue")?.unwrap_or_else(|| QUEUE.to_owned());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if queue.len() > LONGEST_QUEUE || !queue.chars().all(is_plain) {
        return Err(section.wrong("queue", "at most 32 letters, digits, - and _"));
    }
    Ok(queue)
}

fn servers(section: &mut Section) -> Result<Vec<ServerAddr>> {
    let must = "a list of the broker's addresses, such as tls://nats.example.org:4222";
    let listed = section.list("servers")?.unwrap_or_default();
    let parsed: Option<Vec<ServerAddr>> = listed
        .iter()
        .map(|server| server.parse::<ServerAddr>().ok())
        .collect();
    let is_ours = |server: &ServerAddr| {
        // A password would be shown wherever the address is.
        matches!(server.scheme(), "nats" | "tls") && !server.has_user_pass()
    };
    match parsed {
        Some(servers) if !servers.is_empty() && servers.iter().all(is_ours) => Ok(servers),
        _ => Err(section.wrong("servers", must)),
    }
}

fn login(section: &mut Section, home: &Path) -> Result<Login> {
    let mut file = |key| Ok::<_, Error>(section.text(key)?.map(|path| home.join(path)));
    let (credentials, nkey) = (file("credentialsFile")?, file("nkeyFile")?);
    let (user, password) = (section.text("user")?, section.secret("password")?);
    let token = section.secret("token")?.map(Login::Token);
    let user = both(section, ("user", user), ("password", password))?;
    let user = user.map(|(user, password)| Login::Password(user, password));
    let files = [
        credentials.map(Login::CredentialsFile),
        nkey.map(Login::NkeyFile),
    ];
    let mut ways = files.into_iter().chain([user, token]).flatten();
    let login = ways.next().unwrap_or(Login::Nothing);
    if ways.next().is_some() {
        let must = "the only way to log in: one of credentialsFile, nkeyFile, user with password, \
                    token";
        return Err(section.wrong("credentialsFile", must));
    }
    Ok(login)
}

/// Two values that are nothing without each other.
fn both<A, B>(
    section: &Section,
    (first, a): (&str, Option<A>),
    (second, b): (&str, Option<B>),
) -> Result<Option<(A, B)>> {
    let (missing, there) = match (a, b) {
        (Some(_), None) => (second, first),
        (None, Some(_)) => (first, second),
        (a, b) => return Ok(a.zip(b)),
    };
    Err(section.wrong(missing, &format!("there beside {there}")))
}

fn seal(section: &mut Section) -> Result<Seal> {
    let Some(key) = section.secret("sealingKey")? else {
        return Ok(Seal::default());
    };
    let must = "32 random bytes in base64, as `openssl rand -base64 32` writes them";
    Seal::new(&key).ok_or_else(|| section.wrong("sealingKey", must))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(keys: &Value) -> Result<Settings> {
        let object = Secret::new(keys.to_string());
        let mut section = Section::new("a", Some(&object))?;
        let settings = Settings::read(&mut section, Path::new("/home"))?;
        section.finish()?;
        Ok(settings)
    }

    #[test]
    fn a_network_is_crossed_only_with_tls_unless_that_is_said() {
        let tls = |keys: Value| read(&keys).unwrap().tls;
        assert!(tls(json!({"servers": ["nats://broker:4222"]})));
        assert!(tls(json!({"servers": ["127.0.0.1", "broker"]})));
        assert!(!tls(
            json!({"servers": ["127.0.0.1:4222", "nats://localhost"]})
        ));
        assert!(!tls(json!({"servers": ["broker"], "tls": false})));
        assert!(tls(json!({"servers": ["127.0.0.1"], "tls": true})));
    }

    #[test]
    fn what_is_no_way_to_the_broker_is_refused_and_not_quoted() {
        for keys in [
            json!({}),
            json!({"servers": []}),
            json!({"servers": ["http://broker"]}),
            json!({"servers": ["nats://user:canary@broker"]}),
            json!({"servers": ["b"], "queue": "a.b"}),
            json!({"servers": ["b"], "queue": "*"}),
            json!({"servers": ["b"], "user": "canary"}),
            json!({"servers": ["b"], "password": "canary"}),
            json!({"servers": ["b"], "token": "canary", "nkeyFile": "x"}),
            json!({"servers": ["b"], "keyFile": "x"}),
            json!({"servers": ["b"], "sealingKey": "canary"}),
        ] {
            let said = read(&keys).unwrap_err().to_string();
            assert!(said.starts_with("a.") && !said.contains("canary"), "{said}");
        }
    }

    #[test]
    fn files_lie_beside_the_configuration() {
        let keys = json!({"servers": ["b"], "caFile": "ca.pem", "credentialsFile": "/run/creds"});
        let settings = read(&keys).unwrap();
        assert_eq!(
            settings.root_certificates.as_deref(),
            Some(Path::new("/home/ca.pem"))
        );
        let Login::CredentialsFile(path) = settings.login else {
            panic!("{:?}", settings.login);
        };
        assert_eq!(path, Path::new("/run/creds"));
    }
}
