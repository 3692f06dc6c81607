//! Where something is to be listened on.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};

/// An address and port, or a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A TCP port of one address of this machine, or of all.
    Tcp(SocketAddr),
    /// A Unix socket at this path.
    Unix(PathBuf),
}

impl Listen {
    /// The same, where a relative path starts at this directory.
    pub fn below(&self, directory: &Path) -> Self {
        match self {
            Self::Unix(path) => Self::Unix(directory.join(path)),
            Self::Tcp(_) => self.clone(),
        }
    }
}

impl FromStr for Listen {
    type Err = &'static str;

    /// Reads `ADDRESS:PORT`, a port alone, which is one of this machine only, or `unix:PATH`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const MUST: &str = "must be ADDRESS:PORT, such as 127.0.0.1:9464, or unix:PATH";
        if let Some(path) = text.strip_prefix("unix:") {
            let is_path = !path.is_empty() && !path.contains('\0') && !path.ends_with('/');
            return is_path.then(|| Self::Unix(path.into())).ok_or(MUST);
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Tcp(address));
        }
        let port = match text.rsplit_once(':') {
            None | Some(("" | "localhost", _)) => text.rsplit(':').next(),
            Some(_) => None,
        };
        let port = port.and_then(|port| port.parse().ok()).ok_or(MUST)?;
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        Ok(Self::Tcp(SocketAddr::new(here, port)))
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_one_of_this_machine() {
        for (text, read) in [
            ("9464", "127.0.0.1:9464"),
            (":9464", "127.0.0.1:9464"),
            ("localhost:9464", "127.0.0.1:9464"),
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::1]:9464", "[::1]:9464"),
            (
                "unix:/run/nanobot/health.sock",
                "unix:/run/nanobot/health.sock",
            ),
            ("unix:health.sock", "unix:health.sock"),
        ] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), read);
        }
        for wrong in [
            "",
            "unix:",
            "unix:/run/",
            "example.org:9464",
            "127.0.0.1",
            "127.0.0.1:70000",
            "http://127.0.0.1:9464",
            "localhost",
            "/run/health.sock",
        ] {
            assert!(wrong.parse::<Listen>().is_err(), "{wrong}");
        }
    }
}
