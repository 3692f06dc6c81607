//! `homeserver.*` behind TLS and proxies.

use std::{ffi::OsStr, path::Path, time::SystemTime};

use rcgen::{CertificateParams, date_time_ymd};
use tokio_rustls::TlsAcceptor;

use super::{
    examined::Examined,
    front::{Authority, Deed, Front, certificate},
    patient::Patient,
};

const DAYS: std::time::Duration = std::time::Duration::from_hours(24);

/// The examination of a bot whose homeserver shows this certificate, and the homeserver's URL.
async fn behind(identity: TlsAcceptor, trusted: &Path) -> (Examined, String) {
    let front = Front::secure(identity, |_| Deed::PassOn).await;
    let patient = Patient::at(&front.https()).await;
    let examined = patient.examine_trusting(trusted, &[]).await;
    (examined, front.https())
}

fn here() -> CertificateParams {
    certificate(&["127.0.0.1"])
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_it_is_named() {
    let (ours, other) = (Authority::new("Our CA"), Authority::new("Another CA"));
    let (examined, _) = behind(ours.identity(&here()), &ours.file()).await;
    examined.expect_failed(&[]);
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
    assert_eq!(
        examined.row("homeserver.certificate")["evidence"]["issuer"],
        "CN=Our CA"
    );

    let (examined, url) = behind(ours.identity(&here()), &other.file()).await;
    examined
        .expect(
            "homeserver.tls",
            "fail",
            "is not trusted here: it was issued by CN=Our CA",
        )
        .expect_failed(&["homeserver.tls"])
        .expect_skipped("homeserver.certificate", &["homeserver.tls"])
        .expect_skipped("token.valid", &["homeserver.tls"])
        .expect_remedy(
            "homeserver.tls",
            "SSL_CERT_FILE",
            &[&format!("curl -v {url}/_matrix/client/versions")],
        );
    assert_eq!(examined.exit_code(), 69);
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_told_with_its_days() {
    let ours = Authority::new("Our CA");
    let mut expired = here();
    expired.not_before = date_time_ymd(2020, 1, 1);
    expired.not_after = date_time_ymd(2021, 1, 1);
    let mut of_the_future = here();
    of_the_future.not_before = date_time_ymd(3000, 1, 1);
    for (params, words, remedy) in [
        (
            expired,
            "has expired: it was valid until 2021-01-01",
            "renew",
        ),
        (
            of_the_future,
            "not valid yet: it is valid from 3000-01-01 on",
            "clock",
        ),
    ] {
        let (examined, _) = behind(ours.identity(&params), &ours.file()).await;
        examined
            .expect("homeserver.tls", "fail", words)
            .expect_failed(&["homeserver.tls"])
            .expect_remedy("homeserver.tls", remedy, &["date -u"]);
        assert_eq!(examined.exit_code(), 69);
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_tells_whose_it_is() {
    let ours = Authority::new("Our CA");
    let elsewhere = certificate(&["matrix.example.org", "*.example.net"]);
    let (examined, _) = behind(ours.identity(&elsewhere), &ours.file()).await;
    examined
        .expect(
            "homeserver.tls",
            "fail",
            "it is for matrix.example.org, *.example.net",
        )
        .expect_failed(&["homeserver.tls"])
        .expect_remedy(
            "homeserver.tls",
            "host name",
            &["nanobot config get homeserver"],
        );
    assert_eq!(examined.exit_code(), 69);
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_a_warning_unless_it_is_renewed_at_the_last_moment() {
    let ours = Authority::new("Our CA");
    let now = SystemTime::now();
    let lasting = |before: u32, after: u32| {
        let mut params = here();
        params.not_before = (now - DAYS * before).into();
        params.not_after = (now + DAYS * after).into();
        ours.identity(&params)
    };
    let (examined, _) = behind(lasting(85, 5), &ours.file()).await;
    examined
        .expect("homeserver.certificate", "warn", "in 4 days")
        .expect_failed(&[]);
    assert_eq!(examined.exit_code(), 0);
    let (examined, _) = behind(lasting(3, 3), &ours.file()).await;
    assert_eq!(examined.row("homeserver.certificate")["status"], "pass");
}

#[tokio::test]
async fn a_port_without_tls_is_named() {
    let front = Front::raw(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let examined = Patient::at(&front.https()).await.examine(&[]).await;
    examined
        .expect("homeserver.tls", "fail", "does not speak TLS on this port")
        .expect_failed(&["homeserver.tls"])
        .expect_remedy(
            "homeserver.tls",
            "http://",
            &["nanobot config get homeserver"],
        );
    assert_eq!(examined.exit_code(), 69);
}

#[tokio::test]
async fn a_machine_without_certificates_is_told_so() {
    let patient = Patient::at("https://matrix.invalid").await;
    let nowhere = patient.home.user_dir().join("nowhere");
    let nowhere = nowhere.as_os_str();
    let variables = [("SSL_CERT_FILE", nowhere), ("SSL_CERT_DIR", nowhere)];
    let examined = patient.examine_with(&variables, &[]).await;
    examined
        .expect("homeserver.tls", "fail", "cannot prepare HTTPS")
        .expect_failed(&["homeserver.tls"]);
    assert_eq!(examined.exit_code(), 1);
}

/// A homeserver elsewhere that only a proxy leads to.
const ELSEWHERE: &str = "https://matrix.example.org";

async fn through(proxy: &str) -> Patient {
    let patient = Patient::at(ELSEWHERE).await;
    patient.set("proxy", proxy);
    patient
}

#[tokio::test]
async fn a_proxy_that_stands_in_the_way_is_one_failure() {
    let login = Front::raw(
        b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\
          content-length: 0\r\n\r\n",
    )
    .await;
    let denied = Front::raw(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    let address = denied.address;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for (proxy, words, remedy, code) in [
        (
            closed,
            "nothing listens there",
            "check the proxy setting",
            69,
        ),
        (
            login.http(),
            "asks for a user name and password",
            "user name and password",
            69,
        ),
        (
            format!("http://me:canary-proxy@{address}"),
            "did not let the connection through",
            "ask whoever runs the proxy",
            69,
        ),
        (
            format!("socks5://{address}"),
            "not the URL of an HTTP proxy",
            "http://host:port",
            78,
        ),
    ] {
        let patient = through(&proxy).await;
        let examined = patient.examine(&[]).await;
        examined
            .expect("homeserver.proxy", "fail", words)
            .expect(
                "homeserver.proxy",
                "fail",
                "is set in channels.matrix.proxy",
            )
            .expect_failed(&["homeserver.proxy"])
            .expect_skipped("homeserver.dns", &["homeserver.proxy"])
            .expect_skipped("token.valid", &["homeserver.proxy"])
            .expect_remedy("homeserver.proxy", remedy, &["nanobot config get proxy"]);
        assert_eq!(examined.exit_code(), code);
        patient.home.assert_no_secret(&["canary-proxy"]);
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_named_as_such() {
    let denied = Front::raw(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    let patient = Patient::at(ELSEWHERE).await;
    let proxy = denied.http();
    let variables = [("HTTPS_PROXY", OsStr::new(&proxy))];
    let examined = patient.examine_with(&variables, &[]).await;
    examined
        .expect("homeserver.proxy", "fail", "is set in the environment")
        .expect_failed(&["homeserver.proxy"]);
    assert_eq!(examined.exit_code(), 69);
}

/// The examination of a bot whose homeserver and server name are behind a proxy, with what is
/// answered where the well-known file of its server name should be.
async fn with_well_known(deed: impl Fn() -> Deed + Send + Sync + 'static) -> (Patient, Examined) {
    let authority = Authority::new("Our CA");
    let hosts = certificate(&["matrix.example.org", "localhost"]);
    let proxy = Front::secure(authority.identity(&hosts), move |asked| match asked.host {
        "localhost" => deed(),
        _ => Deed::PassOn,
    })
    .await;
    let patient = through(&proxy.http()).await;
    let examined = patient.examine_trusting(&authority.file(), &[]).await;
    (patient, examined)
}

mod well_known {
    use serde_json::json;

    use super::{
        super::front::{Deed, json, text},
        with_well_known,
    };

    fn naming(url: &str) -> Deed {
        json(200, &json!({ "m.homeserver": { "base_url": url } }))
    }

    #[tokio::test]
    async fn a_file_that_is_absent_or_agrees_is_nothing_to_say() {
        let agrees = || naming("https://matrix.example.org/");
        for (deed, words) in [
            (
                (|| text(404, "")) as fn() -> Deed,
                "there is no .well-known file",
            ),
            (agrees, "names the configured URL"),
            (|| text(503, ""), "which is fine"),
        ] {
            let (_, examined) = with_well_known(deed).await;
            examined.expect_failed(&[]);
            assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
            let detail = examined.row("homeserver.well-known")["detail"].as_str();
            assert!(detail.unwrap().contains(words), "{detail:?}");
        }
    }

    #[tokio::test]
    async fn a_certificate_behind_a_proxy_is_not_looked_at() {
        let (_, examined) = with_well_known(|| text(404, "")).await;
        let row = examined.row("homeserver.certificate");
        assert_eq!(row["status"], "skip", "{row:#}");
        assert_eq!(row["detail"], "it cannot be checked through a proxy");
    }

    #[tokio::test]
    async fn a_file_that_names_another_homeserver_is_a_warning() {
        let (_, examined) = with_well_known(|| naming("https://new.example.org")).await;
        examined
            .expect(
                "homeserver.well-known",
                "warn",
                "names https://new.example.org, but https://matrix.example.org is configured",
            )
            .expect_failed(&[])
            .expect_remedy(
                "homeserver.well-known",
                "",
                &["nanobot config set homeserver https://new.example.org"],
            );
        let (_, examined) = with_well_known(|| naming("https://new.example.org/$(id)")).await;
        examined.expect_remedy(
            "homeserver.well-known",
            "",
            &["nanobot config get homeserver"],
        );
    }

    #[tokio::test]
    async fn a_broken_file_is_a_warning() {
        let (_, examined) = with_well_known(|| text(200, "<html>")).await;
        examined
            .expect("homeserver.well-known", "warn", "it is not JSON")
            .expect_failed(&[]);
        assert_eq!(examined.exit_code(), 0);
    }

    #[tokio::test]
    async fn an_inner_address_need_not_be_the_one_that_others_use() {
        let authority = super::Authority::new("Our CA");
        let hosts = super::certificate(&["localhost"]);
        let proxy = super::Front::secure(authority.identity(&hosts), |asked| match asked.host {
            "localhost" => naming("https://matrix.example.org"),
            _ => Deed::PassOn,
        })
        .await;
        let patient = super::through(&proxy.http()).await;
        patient.set("homeserver", "http://127.0.0.1:8008");
        let examined = patient.examine_trusting(&authority.file(), &[]).await;
        examined.expect_failed(&[]);
        assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
        let detail = examined.row("homeserver.well-known")["detail"].as_str();
        assert!(
            detail.unwrap().contains("is an internal address"),
            "{detail:?}"
        );
    }
}
