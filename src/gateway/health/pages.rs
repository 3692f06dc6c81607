//! What the health endpoint answers.

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use url::form_urlencoded;

use super::{
    Health,
    exposition::{Exposition, OPEN_METRICS},
};
use crate::ipc::{Condition, Readiness, Status, Unready};

/// The pages there are.
const PAGES: [&str; 4] = ["/livez", "/readyz", "/health", "/metrics"];

pub fn router(health: Health) -> Router {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        // As the Python tool has it.
        .route("/health", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(async || {
            let error = json!({"error": "not found", "pages": PAGES});
            (StatusCode::NOT_FOUND, Json(error))
        })
        .with_state(health)
}

async fn livez(State(health): State<Health>) -> Response {
    let readiness = health.status().await.readiness.unwrap_or_default();
    let (status, word) = if readiness.alive {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "hung")
    };
    let document = json!({"status": word, "alive": readiness.alive});
    uncached((status, Json(document)))
}

async fn readyz(State(health): State<Health>, RawQuery(query): RawQuery) -> Response {
    let asked = match Asked::read(query.as_deref().unwrap_or_default()) {
        Ok(asked) => asked,
        Err(unknown) => {
            let known = Condition::ALL.map(Condition::name);
            let error = format!("there is no condition {unknown:?} to exclude");
            let error = json!({"error": error, "conditions": known});
            return uncached((StatusCode::BAD_REQUEST, Json(error)));
        }
    };
    let readiness = asked.of(&health.status().await);
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    if asked.verbose {
        return uncached((status, asked.lines(&readiness)));
    }
    let document = json!({
        "status": if readiness.ready { "ok" } else { "unready" },
        "ready": readiness.ready,
        "reasons": readiness.reasons,
    });
    uncached((status, Json(document)))
}

async fn metrics(State(health): State<Health>, headers: HeaderMap) -> Response {
    let accepts = headers.get_all(ACCEPT).iter();
    let mut accepts = accepts.filter_map(|value| value.to_str().ok());
    let is_open = accepts.any(|value| value.contains(OPEN_METRICS));
    let exposition = Exposition {
        status: health.status().await,
        metrics: health.metrics.clone(),
        limited: health.pauses.limited(),
    };
    match exposition.encode(is_open) {
        Some((content_type, text)) => uncached(([(CONTENT_TYPE, content_type)], text)),
        None => uncached(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn uncached(response: impl IntoResponse) -> Response {
    ([(CACHE_CONTROL, "no-store")], response).into_response()
}

/// What of being ready is asked, in the manner of Kubernetes.
#[derive(Debug, Default, PartialEq)]
struct Asked {
    /// Whether each condition is to be listed.
    verbose: bool,
    /// The conditions that do not count.
    excluded: Vec<Condition>,
}

impl Asked {
    /// Reads a query: `verbose`, and any number of `exclude=CONDITION`.
    ///
    /// # Errors
    ///
    /// A condition that there is not.
    fn read(query: &str) -> Result<Self, String> {
        let mut asked = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "verbose" => asked.verbose = true,
                "exclude" => {
                    let named = |condition: &Condition| condition.name() == value;
                    let condition = Condition::ALL.into_iter().find(named);
                    asked.excluded.push(condition.ok_or(value)?);
                }
                _ => {}
            }
        }
        Ok(asked)
    }

    /// Whether the bot is ready but for what does not count.
    fn of(&self, status: &Status) -> Readiness {
        let mut readiness = status.readiness.clone().unwrap_or_default();
        let counts = |reason: &Unready| !self.excluded.contains(&reason.condition);
        readiness.reasons.retain(counts);
        readiness.ready = readiness.reasons.is_empty();
        readiness
    }

    /// A line for each condition.
    fn lines(&self, readiness: &Readiness) -> String {
        let line = |condition: Condition| {
            let name = condition.name();
            let mut reasons = readiness.reasons.iter();
            let reason = reasons.find(|reason| reason.condition == condition);
            match reason {
                _ if self.excluded.contains(&condition) => format!("[+]{name} excluded: ok\n"),
                None => format!("[+]{name} ok\n"),
                Some(reason) => format!("[-]{name} failed: {}\n", reason.message),
            }
        };
        let verdict = if readiness.ready { "passed" } else { "failed" };
        let lines: String = Condition::ALL.into_iter().map(line).collect();
        format!("{lines}readyz check {verdict}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::{Encryption, now};

    #[test]
    fn a_query_names_what_does_not_count() {
        let asked = Asked::read("verbose&exclude=agent&exclude=disk&timeout=5").unwrap();
        assert!(asked.verbose);
        assert_eq!(asked.excluded, [Condition::Agent, Condition::Disk]);
        assert_eq!(Asked::read("exclude=agents"), Err("agents".to_owned()));
    }

    #[test]
    fn what_does_not_count_is_no_reason() {
        let status = Status {
            last_sync_at: Some(now()),
            encryption: Encryption::Ready,
            agent_fault: Some("connection refused".to_owned()),
            ..Status::default()
        };
        let status = status.judged();
        let all = Asked::default();
        let expected = "[+]disk ok\n[+]journal ok\n[+]token ok\n[+]sync ok\n[+]keys ok\n\
                        [-]agent failed: connection refused\nreadyz check failed\n";
        assert_eq!(all.lines(&all.of(&status)), expected);
        let without = Asked::read("exclude=agent").unwrap();
        assert!(without.of(&status).ready);
        let lines = without.lines(&without.of(&status));
        assert!(lines.ends_with("[+]agent excluded: ok\nreadyz check passed\n"));
    }
}
