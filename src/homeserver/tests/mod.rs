//! The room against servers that misbehave.

mod account;
mod alone;
mod any;
mod asking;
mod login;
mod media;
mod tls;
mod token_shape;
mod transport;

use std::time::Duration;

use super::{Account, Failure, Homeserver, Options};
use crate::{config::Secret, error::Error};

const TOKEN: &str = "syt_canary_token";
const PASSWORD: &str = "canary password";

fn options() -> Options {
    Options {
        timeout: Duration::from_secs(10),
        ..Options::default()
    }
}

fn server(url: &str) -> Homeserver {
    Homeserver::new(url, &options()).unwrap()
}

fn account(url: &str) -> Account {
    server(url).with_token(&Secret::new(TOKEN.to_owned()))
}

/// The failure, after a look at everything a person or a log could see of it.
fn failure<T>(outcome: super::Result<T>) -> Failure {
    let Err(failure) = outcome else {
        panic!("this should have failed");
    };
    let error = Error::from(failure.clone());
    assert_eq!(error.remedy(), &failure.remedy());
    for shown in [
        format!("{failure}"),
        format!("{failure:?}"),
        format!("{error:?}"),
        failure.remedy().to_string(),
    ] {
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!shown.contains(['\n', '\u{1b}']), "{shown:?}");
    }
    failure
}
