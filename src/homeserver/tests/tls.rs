//! Certificates, good and bad, on a server that speaks TLS.

use std::{
    fs, io,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer},
};

use super::{
    super::{Certificate, Failure, Homeserver, Options, Reach, TlsFault, fake::Fake},
    alone::{ask, is_told},
    failure, options, server,
};

const DAY: Duration = Duration::from_hours(24);

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server certificate for these hosts.
fn params(hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
    CertificateParams::new(hosts).unwrap()
}

fn expired(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    params
}

fn of_the_future(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(3000, 1, 1);
    params
}

/// A homeserver that speaks TLS on a free port of this machine, until it is dropped.
struct Secure {
    url: String,
    task: JoinHandle<()>,
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Secure {
    async fn new(params: &CertificateParams, issuer: Option<&Authority>) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = match issuer {
            Some(issuer) => params.signed_by(&key, issuer),
            None => params.self_signed(&key),
        };
        let chain = vec![certificate.unwrap().der().clone()];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key.into());
        let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that does not like the certificate hangs up.
                let _: io::Result<()> = answer(&acceptor, stream).await;
            }
        });
        Self { url, task }
    }
}

async fn answer(acceptor: &TlsAcceptor, stream: TcpStream) -> io::Result<()> {
    const BODY: &str = r#"{"versions":["v1.11"]}"#;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", BODY.len());
    let mut stream = acceptor.accept(stream).await?;
    let _: usize = stream.read(&mut [0; 4096]).await?;
    stream.write_all((head + BODY).as_bytes()).await?;
    stream.shutdown().await
}

#[tokio::test]
async fn certificates_are_judged() {
    const THIS: &str = "homeserver::tests::tls::certificates_are_judged";
    if is_told().await {
        return;
    }
    let ours = authority("A private CA");
    let (namesake, other) = (authority("A private CA"), authority("Another CA"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    fs::write(&file, ours.pem()).unwrap();

    let here = || params(&["127.0.0.1"]);
    let elsewhere = params(&["matrix.example.org"]);
    let mut a_ca = here();
    a_ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for (params, issuer, expected) in [
        (here(), Some(&ours), None),
        (here(), Some(&namesake), Some(TlsFault::UnknownIssuer)),
        (here(), Some(&other), Some(TlsFault::UnknownIssuer)),
        (here(), None, Some(TlsFault::UnknownIssuer)),
        (elsewhere, Some(&ours), Some(TlsFault::WrongName)),
        (expired(here()), Some(&ours), Some(TlsFault::Expired)),
        (
            of_the_future(here()),
            Some(&ours),
            Some(TlsFault::NotYetValid),
        ),
        (a_ca, None, Some(TlsFault::CaCertificate)),
    ] {
        let server = Secure::new(&params, issuer).await;
        let said = ask(THIS, &server.url, "SSL_CERT_FILE", file.as_os_str()).await;
        let expected = match expected {
            Some(fault) => format!("{:?}", Reach::Tls(fault)),
            None => "answered".to_owned(),
        };
        assert_eq!(said, expected);
    }
}

async fn shown(params: &CertificateParams, issuer: Option<&Authority>) -> Certificate {
    let secure = Secure::new(params, issuer).await;
    server(&secure.url).certificate().await.unwrap().unwrap()
}

#[tokio::test]
async fn a_certificate_is_read_whether_or_not_it_is_trusted() {
    let soon = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + 20 * DAY;
    let mut good = params(&["matrix.example.org", "*.example.org", "127.0.0.1", "::1"]);
    good.not_after = (UNIX_EPOCH + soon).into();
    let read = shown(&good, Some(&authority("A private CA"))).await;
    assert_eq!(
        read.names,
        ["matrix.example.org", "*.example.org", "127.0.0.1", "::1"]
    );
    assert_eq!(read.issuer, "CN=A private CA");
    assert!(!read.self_signed);
    assert_eq!(read.not_after / 1000, soon.as_secs());

    let read = shown(&expired(params(&["a.example.org"])), None).await;
    assert!(read.self_signed);
    assert_eq!(
        (read.not_before, read.not_after),
        (1_577_836_800_000, 1_609_459_200_000)
    );
}

#[tokio::test]
async fn what_shows_no_certificate_is_told() {
    let fake = Fake::homeserver(|_| None).await;
    assert_eq!(server(&fake.url).certificate().await, Ok(None));
    let url = fake.url.replace("http:", "https:");
    let failure = server(&url).certificate().await.unwrap_err();
    let not_tls = Reach::Tls(TlsFault::NotTls);
    assert!(matches!(failure, Failure::Unreachable { reach, .. } if reach == not_tls));
}

/// A server that keeps silent at what does not begin with this, as some do at TLS.
async fn silent_but_to(start: &'static [u8], answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let read = stream.read(&mut asked).await.unwrap();
            if asked[..read].starts_with(start) {
                stream.write_all(answer).await.unwrap();
            } else {
                open.push(stream);
            }
        }
    });
    url
}

#[tokio::test]
async fn plain_http_that_is_silent_at_tls_is_told_at_once() {
    let options = Options {
        timeout: Duration::from_millis(900),
        ..options()
    };
    let asked = async |url: &str| {
        let server = Homeserver::new(url, &options).unwrap();
        failure(server.versions().await).to_string()
    };
    let moved = b"HTTP/1.1 302 Found\r\nlocation: /_matrix/static/\r\ncontent-length: 0\r\n\r\n";
    let found = asked(&silent_but_to(b"GET / ", moved).await).await;
    assert!(found.contains("does not speak TLS on this port"), "{found}");
    // What another server says of plain requests to its TLS proves nothing.
    let bad = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
    for silent in [
        silent_but_to(b"GET / ", bad).await,
        silent_but_to(b"nothing", b"").await,
    ] {
        let found = asked(&silent).await;
        assert!(found.contains("no answer within"), "{found}");
    }
}
