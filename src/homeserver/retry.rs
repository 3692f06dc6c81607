//! When a failed call is tried again, and after how long.

use std::time::Duration;

use super::failure::Failure;

/// How often a call that may be repeated is tried again after trouble on the way.
const TRIES_AFTER_TROUBLE: u32 = 2;
/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause that nobody asked for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long to wait before trying again: `None` when the failure stands.
///
/// `tries` counts the repetitions so far, `left` is the time the call still has. A call refused
/// with 429 was not acted on, so it may be sent again whatever it was (spec, "Rate limiting").
pub(super) fn pause(
    failure: &Failure,
    repeatable: bool,
    tries: u32,
    left: Duration,
) -> Option<Duration> {
    let pause = match failure {
        Failure::RateLimited { retry_after, .. } => {
            retry_after.unwrap_or_default().max(backoff(tries))
        }
        Failure::ServerTrouble { .. } if repeatable && tries < TRIES_AFTER_TROUBLE => {
            backoff(tries)
        }
        Failure::Unreachable { reach, .. }
            if repeatable && tries < TRIES_AFTER_TROUBLE && reach.may_pass() =>
        {
            backoff(tries)
        }
        _ => return None,
    };
    (pause < left).then_some(pause)
}

fn backoff(tries: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(tries))
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::homeserver::reach::{ProxyFault, Reach, TlsFault};

    const LEFT: Duration = Duration::from_secs(30);

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
    fn a_rate_limit_is_honoured_while_time_is_left() {
        assert_eq!(
            pause(&limited(7), false, 0, LEFT),
            Some(Duration::from_secs(7))
        );
        assert_eq!(pause(&limited(31), true, 0, LEFT), None);
        assert_eq!(pause(&limited(0), true, 0, LEFT), Some(FIRST_PAUSE));
        assert_eq!(pause(&limited(0), true, 99, LEFT), Some(LONGEST_PAUSE));
    }

    #[test]
    fn trouble_is_retried_twice_and_only_where_it_is_safe() {
        let refused = unreachable(Reach::Refused);
        assert_eq!(pause(&refused, true, 0, LEFT), Some(FIRST_PAUSE));
        assert_eq!(pause(&refused, true, 1, LEFT), Some(FIRST_PAUSE * 2));
        assert_eq!(pause(&refused, true, 2, LEFT), None);
        assert_eq!(pause(&refused, false, 0, LEFT), None);
        assert_eq!(pause(&refused, true, 0, FIRST_PAUSE), None);
    }

    #[test]
    fn a_bad_certificate_and_a_missing_password_do_not_get_better() {
        for reach in [
            Reach::Tls(TlsFault::Expired),
            Reach::Proxy(ProxyFault::WantsLogin),
        ] {
            assert_eq!(pause(&unreachable(reach), true, 0, LEFT), None);
        }
        assert_eq!(pause(&Failure::TokenMissing, true, 0, LEFT), None);
    }
}
