//! Files in the network's content repository (spec, "Content repository").

use std::fmt;

use serde::Deserialize;
use url::Url;

use super::{account::Account, homeserver::Homeserver};
use crate::{
    address::{OwnedServerName, parse_server_name},
    homeserver::transport::{Arrival, Body, Call, Failure, Result, Upload, segment},
};

/// The most bytes of a media id. The spec sets no limit; every server's ids are far shorter.
const LONGEST_ID: usize = 255;
/// Where files are downloaded since Matrix 1.11.
const NEW: &str = "/_matrix/client/v1/media/download";
/// Where they were before, by anyone.
const OLD: &str = "/_matrix/media/v3/download";
/// Where files are uploaded, then and now.
const UPLOAD: &str = "/_matrix/media/v3/upload";

/// Where a file lies: `mxc://server.name/media-id` (spec, "Matrix Content (mxc://) URIs").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaUri {
    server: OwnedServerName,
    id: String,
}

impl MediaUri {
    /// Reads a URI, so strictly that its parts cannot mean anything else in a path.
    pub fn parse(text: &str) -> Option<Self> {
        let (server, id) = text.strip_prefix("mxc://")?.split_once('/')?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_id = !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(is_plain);
        Some(Self {
            server: parse_server_name(server).ok().filter(|_| is_id)?,
            id: id.to_owned(),
        })
    }

    /// The URL of this file below one of the paths for downloads.
    fn url(&self, server: &Homeserver, path: &str) -> Result<Url> {
        let (name, id) = (segment(self.server.as_str())?, segment(&self.id)?);
        let mut url = server.url(&format!("{path}/{name}/{id}"));
        url.set_query(Some("allow_remote=true"));
        Ok(url)
    }
}

impl fmt::Display for MediaUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mxc://{}/{}", self.server, self.id)
    }
}

/// A file on its way here. Nothing of it is kept in memory.
pub struct Download {
    server: Homeserver,
    arrival: Arrival,
}

impl fmt::Debug for Download {
    /// Where it comes from may be signed, and is then as good as a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").finish_non_exhaustive()
    }
}

impl Download {
    /// How many bytes will come, by the server's own word.
    pub fn declared_length(&self) -> Option<u64> {
        self.arrival.declared_length()
    }

    /// The next bytes; `None` at the end. The whole may take any time, but no piece of it longer
    /// than a whole call may.
    ///
    /// # Errors
    ///
    /// When the connection breaks or nothing comes for too long.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>> {
        self.server.http.next_chunk(&mut self.arrival).await
    }
}

impl Account {
    /// The largest upload in bytes: `None` when the server states no limit
    /// (spec, "GET /_matrix/client/v1/media/config").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn upload_limit(&self) -> Result<Option<u64>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "m.upload.size")]
            size: Option<u64>,
        }
        let mut reply = self.ask("/_matrix/client/v1/media/config", &[]).await?;
        if reply.status.as_u16() == 404 {
            // Servers before spec version 1.11.
            reply = self.ask("/_matrix/media/v3/config", &[]).await?;
        }
        let answer: Option<Answer> = reply.found()?;
        Ok(answer.and_then(|answer| answer.size))
    }

    /// Uploads a file without a name (spec, "POST /_matrix/media/v3/upload"). It stays: no call
    /// takes it away again.
    ///
    /// # Errors
    ///
    /// What any call may meet; a server that wants no file of this size says so with
    /// [`Refused`](crate::homeserver::Failure::Refused). A file is never sent twice, except when the server
    /// refused it for its rate limit.
    pub async fn upload(&self, file: Upload) -> Result<MediaUri> {
        let server = &self.homeserver;
        let call = self.sign(Call::post(server.url(UPLOAD), Body::File(file)));
        let reply = server.http.send(&call).await?;
        let uri: String = reply.member("content_uri")?;
        MediaUri::parse(&uri).ok_or_else(|| reply.not_matrix())
    }

    /// Begins to download a file (spec, "GET /_matrix/client/v1/media/download"), the old way
    /// where the server does not know the new one.
    ///
    /// A redirect to another origin is followed without the token.
    ///
    /// # Errors
    ///
    /// What any call may meet; a file that is not there is [`Refused`](crate::homeserver::Failure::Refused).
    pub async fn download(&self, media: &MediaUri) -> Result<Download> {
        let mut opened = self.open(media, NEW).await;
        // A server that knows the call, but not the file, says M_NOT_FOUND.
        if let Err(Failure::Refused { errcode, .. }) = &opened
            && errcode == "M_UNRECOGNIZED"
        {
            opened = self.open(media, OLD).await;
        }
        Ok(Download {
            server: self.homeserver.clone(),
            arrival: opened?,
        })
    }

    async fn open(&self, media: &MediaUri, path: &str) -> Result<Arrival> {
        let server = &self.homeserver;
        let call = Call {
            portable: true,
            ..self.sign(Call::get(media.url(server, path)?))
        };
        server.http.open(&call).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::homeserver::transport::Options;

    #[test]
    fn a_media_uri_is_a_server_and_an_id() {
        for uri in [
            "mxc://example.org/AbC_-9",
            "mxc://example.org:8448/x",
            "mxc://[::1]:8008/x",
        ] {
            assert_eq!(MediaUri::parse(uri).unwrap().to_string(), uri);
        }
        for uri in [
            "",
            "https://example.org/x",
            "MXC://example.org/x",
            "mxc:///x",
            "mxc://example.org",
            "mxc://example.org/",
            "mxc://example.org/..",
            "mxc://example.org/../../client/v3/logout",
            "mxc://example.org/a/b",
            "mxc://example.org/a%2Fb",
            "mxc://example.org/a?x=1",
            "mxc://example.org/a#x",
            "mxc://example.org/ä",
            "mxc://../x",
            "mxc://exa mple.org/x",
            "mxc://me@example.org/x",
            "mxc://example.org\n/x",
        ] {
            assert_eq!(MediaUri::parse(uri), None, "{uri}");
        }
    }

    #[test]
    fn no_uri_leaves_its_place_in_the_path() {
        let server = Homeserver::new("https://h/sub", &Options::default()).unwrap();
        arbtest::arbtest(|u| {
            let text: String = u.arbitrary()?;
            let Some(uri) = MediaUri::parse(&format!("mxc://{text}")) else {
                return Ok(());
            };
            let url = uri
                .url(&server, "/_matrix/client/v1/media/download")
                .unwrap();
            let start = "/sub/_matrix/client/v1/media/download/";
            let rest = url.path().strip_prefix(start).unwrap();
            assert_eq!(rest.split('/').count(), 2);
            assert_eq!(url.query(), Some("allow_remote=true"));
            Ok(())
        });
    }
}
