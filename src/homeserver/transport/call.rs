//! One request, described before it is sent, and when it is sent again.

use std::time::Duration;

use backon::ExponentialBuilder;
use reqwest::{
    Method,
    header::{HeaderValue, InvalidHeaderValue},
};
use serde_json::Value;
use url::Url;

use super::{
    failure::{Failure, Result},
    upload::Upload,
};
use crate::config::Secret;

/// What a request carries.
pub enum Body {
    /// A JSON document.
    Json(Value),
    /// A file.
    File(Upload),
}

/// One request. It has no `Debug`: its body may hold a password.
pub struct Call<'a> {
    pub method: Method,
    pub url: Url,
    pub body: Option<Body>,
    /// The access token to send along.
    pub token: Option<&'a Secret>,
    /// A secret in the body, which is taken out of any answer that is shown.
    pub hidden: Option<&'a Secret>,
    /// Whether it is sent again after trouble on the way. One that was refused for a rate limit
    /// always is.
    pub repeatable: bool,
    /// Whether it may be sent on to another origin, without its token.
    pub portable: bool,
}

impl<'a> Call<'a> {
    /// A `GET`, which may be repeated.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            body: None,
            token: None,
            hidden: None,
            repeatable: true,
            portable: false,
        }
    }

    /// A `POST`, which may not be repeated.
    pub fn post(url: Url, body: Body) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            repeatable: false,
            ..Self::get(url)
        }
    }

    /// A `PUT`, which may be repeated.
    pub fn put(url: Url, body: Value) -> Self {
        Self {
            method: Method::PUT,
            body: Some(Body::Json(body)),
            ..Self::get(url)
        }
    }

    /// How long what it carries may take on its way.
    pub fn carrying_time(&self) -> Duration {
        match &self.body {
            Some(Body::File(file)) => file.carrying_time(),
            _ => Duration::ZERO,
        }
    }

    /// The secrets that travel with this call.
    pub fn secrets(&self) -> Vec<&'a Secret> {
        self.token.into_iter().chain(self.hidden).collect()
    }

    /// Whether another server must not see this call.
    pub fn is_confidential(&self) -> bool {
        self.body.is_some() || (self.token.is_some() && !self.portable)
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self) -> Result<Option<HeaderValue>> {
        let Some(token) = self.token.map(Secret::expose) else {
            return Ok(None);
        };
        if token.is_empty() {
            return Err(Failure::TokenMissing);
        }
        // A header may hold other bytes too, and a homeserver that meets them is in trouble.
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::TokenDamaged);
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_: InvalidHeaderValue| Failure::TokenDamaged)?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

/// How often a call that may be repeated is tried again after trouble on the way.
const TRIES_AFTER_TROUBLE: usize = 2;
/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause that nobody asked for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The pauses after trouble on the way.
pub fn pauses() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(FIRST_PAUSE)
        .with_factor(2.0)
        .with_max_times(TRIES_AFTER_TROUBLE)
}

/// How long to wait before trying again, of the pauses above this one being next: `None` when the
/// failure stands.
///
/// A call refused with 429 was not acted on, so it may be sent again whatever it was, and as often
/// as its time allows (spec, "Rate limiting").
pub fn pause(call: &Call<'_>, failure: &Failure, next: Option<Duration>) -> Option<Duration> {
    match failure {
        Failure::RateLimited { retry_after, .. } => {
            let asked = retry_after.unwrap_or_default();
            Some(asked.max(next.unwrap_or(LONGEST_PAUSE)))
        }
        Failure::ServerTrouble { .. } if call.repeatable => next,
        Failure::Unreachable { reach, .. } if call.repeatable && reach.may_pass() => next,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::connectivity::*, *};

    const NEXT: Option<Duration> = Some(FIRST_PAUSE);

    fn call(repeatable: bool) -> Call<'static> {
        Call {
            repeatable,
            ..Call::get("https://h".parse().unwrap())
        }
    }

    fn limited(seconds: u64) -> Failure {
        Failure::RateLimited {
            server: String::new(),
            retry_after: Some(Duration::from_secs(seconds)),
        }
    }

    fn unreachable(reach: Reach) -> Failure {
        Failure::Unreachable {
            server: String::new(),
            reach,
        }
    }

    #[test]
    fn a_rate_limit_is_honoured() {
        let asked = Some(Duration::from_secs(7));
        assert_eq!(pause(&call(false), &limited(7), NEXT), asked);
        assert_eq!(pause(&call(false), &limited(7), None), asked);
        assert_eq!(pause(&call(true), &limited(0), NEXT), NEXT);
        let longest = Some(LONGEST_PAUSE);
        assert_eq!(pause(&call(true), &limited(0), None), longest);
    }

    #[test]
    fn trouble_is_retried_only_where_it_is_safe() {
        let refused = unreachable(Reach::Refused);
        assert_eq!(pause(&call(true), &refused, NEXT), NEXT);
        assert_eq!(pause(&call(true), &refused, None), None);
        assert_eq!(pause(&call(false), &refused, NEXT), None);
    }

    #[test]
    fn a_bad_certificate_and_a_missing_password_do_not_get_better() {
        for reach in [
            Reach::Tls(TlsFault::Expired),
            Reach::Proxy(ProxyFault::WantsLogin),
        ] {
            assert_eq!(pause(&call(true), &unreachable(reach), NEXT), None);
        }
        assert_eq!(pause(&call(true), &Failure::TokenMissing, NEXT), None);
    }
}
