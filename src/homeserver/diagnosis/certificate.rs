//! The certificate that a homeserver shows.

use std::net::IpAddr;

use x509_cert::{
    der::Decode,
    ext::pkix::{SubjectAltName, name::GeneralName},
    time::Time,
};

use crate::{
    homeserver::{
        api::{Homeserver, VERSIONS},
        transport::{Failure, Reach, Result, TlsFault},
    },
    text::excerpt,
};

/// The certificate that a homeserver shows. Foreign words in it are fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The hosts it is for: names, some beginning with `*.`, and addresses.
    pub names: Vec<String>,
    /// Who issued it, as in `CN=R11,O=Let's Encrypt,C=US`.
    pub issuer: String,
    /// Whether it names itself as its issuer.
    pub self_signed: bool,
    /// From when on it is valid, in milliseconds since the Unix epoch.
    pub not_before: u64,
    /// Until when it is valid, in milliseconds since the Unix epoch.
    pub not_after: u64,
}

impl Homeserver {
    /// The certificate it shows, on a connection of its own: `None` over plain HTTP, and through a
    /// proxy, where the HTTP library does not tell.
    ///
    /// Whether to trust it is not asked here, so that a bad one can be looked at too. No secret is
    /// sent, and no word of the answer is read.
    ///
    /// # Errors
    ///
    /// When no secure connection comes about even so.
    pub async fn certificate(&self) -> Result<Option<Certificate>> {
        if self.base_url.scheme() != "https" {
            return Ok(None);
        }
        let Some(shown) = self.http.shown_certificate(&self.url(VERSIONS)).await? else {
            return Ok(None);
        };
        let read = Certificate::read(&shown);
        read.map(Some).ok_or_else(|| Failure::Unreachable {
            server: self.name(),
            reach: Reach::Tls(TlsFault::Other("its certificate cannot be read".to_owned())),
        })
    }
}

impl Certificate {
    /// Reads a certificate in DER; `None` when it is none.
    fn read(der: &[u8]) -> Option<Self> {
        let certificate = x509_cert::Certificate::from_der(der).ok()?;
        let facts = certificate.tbs_certificate();
        let names = match facts.get_extension::<SubjectAltName>().ok()? {
            Some((_, names)) => names.0.iter().filter_map(host).collect(),
            None => Vec::new(),
        };
        Some(Self {
            names,
            issuer: excerpt(&facts.issuer().to_string()),
            self_signed: facts.issuer() == facts.subject(),
            not_before: milliseconds(facts.validity().not_before)?,
            not_after: milliseconds(facts.validity().not_after)?,
        })
    }
}

fn milliseconds(time: Time) -> Option<u64> {
    u64::try_from(time.to_unix_duration().as_millis()).ok()
}

/// The name or address of a host; a certificate may also be for other things.
fn host(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(excerpt(name.as_str())),
        GeneralName::IpAddress(octets) => {
            let octets = octets.as_bytes();
            let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
            let address = v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_none() {
        for der in [&b""[..], b"\x30\x03\x02\x01\x00", &[0x30; 64]] {
            assert_eq!(Certificate::read(der), None);
        }
    }

    #[test]
    fn no_bytes_are_too_much() {
        let key = rcgen::generate_simple_self_signed(vec!["example.org".to_owned()]).unwrap();
        let der = key.cert.der().to_vec();
        arbtest::arbtest(|u| {
            let mut der = der.clone();
            let place = u.choose_index(der.len())?;
            der[place] = u.arbitrary()?;
            der.truncate(u.int_in_range(0..=der.len())?);
            if let Some(read) = Certificate::read(&der) {
                assert!(read.issuer.chars().all(|c| !c.is_control()));
            }
            Ok(())
        });
    }
}
