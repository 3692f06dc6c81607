//! What gateway and workers may do at the broker, and nothing more.

use serde::Serialize;

use super::names::{CONSUMER, Names, Role};

/// What the users of an account may publish and subscribe to.
#[derive(Clone, Debug, Serialize)]
pub struct Permissions {
    pub gateway: User,
    pub worker: User,
}

#[derive(Clone, Debug, Serialize)]
pub struct User {
    pub publish: Vec<String>,
    pub subscribe: Vec<String>,
}

/// The permissions for a queue.
pub fn permissions(queue: &str) -> Permissions {
    let names = Names::new(queue);
    let (jobs, replies, bucket) = (names.jobs(), names.replies(), names.bucket());
    let files = format!("OBJ_{bucket}");
    let streams = [&jobs, &replies, &files];
    let api = |calls: &[&str], stream: &str| -> Vec<String> {
        let calls = calls.iter();
        calls
            .map(|call| format!("$JS.API.{call}.{stream}"))
            .collect()
    };
    let inbox = |role| format!("{}.>", names.inbox(role));
    let file_access = || {
        let mut allowed = api(&["STREAM.INFO", "STREAM.MSG.GET"], &files);
        allowed.extend([
            format!("$JS.API.DIRECT.GET.{files}.>"),
            format!("$JS.API.CONSUMER.CREATE.{files}.>"),
            format!("$JS.API.CONSUMER.DELETE.{files}.>"),
            format!("$JS.FC.{files}.>"),
            format!("$O.{bucket}.>"),
        ]);
        allowed
    };
    let mut gateway = vec![names.job("*"), names.stop("*"), names.roll_call()];
    for stream in streams {
        let calls = [
            "STREAM.INFO",
            "STREAM.CREATE",
            "STREAM.UPDATE",
            "STREAM.PURGE",
        ];
        gateway.extend(api(&calls, stream));
    }
    gateway.extend(api(&["STREAM.MSG.DELETE"], &replies));
    gateway.extend([
        format!("$JS.API.DIRECT.GET.{jobs}.>"),
        format!("$JS.API.DIRECT.GET.{replies}.>"),
        format!("$JS.API.CONSUMER.CREATE.{jobs}.{CONSUMER}"),
        format!("$JS.API.CONSUMER.DURABLE.CREATE.{jobs}.{CONSUMER}"),
        format!("$JS.API.CONSUMER.INFO.{jobs}.{CONSUMER}"),
    ]);
    gateway.extend(file_access());
    let mut worker = vec![names.reply("*"), names.events("*"), names.worker("*")];
    worker.extend(api(&["STREAM.INFO"], &jobs));
    worker.extend([
        format!("$JS.API.CONSUMER.INFO.{jobs}.{CONSUMER}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{jobs}.{CONSUMER}"),
        format!("$JS.ACK.{jobs}.{CONSUMER}.>"),
        format!("$JS.API.DIRECT.GET.{replies}.>"),
    ]);
    worker.extend(file_access());
    let distinct = |mut allowed: Vec<String>| {
        allowed.sort();
        allowed.dedup();
        allowed
    };
    Permissions {
        gateway: User {
            publish: distinct(gateway),
            subscribe: vec![inbox(Role::Gateway), names.events("*"), names.worker("*")],
        },
        worker: User {
            publish: distinct(worker),
            subscribe: vec![inbox(Role::Worker), names.stop("*"), names.roll_call()],
        },
    }
}

impl Permissions {
    /// As a part of the broker's configuration file. Passwords come from its environment.
    pub fn configuration(&self, queue: &str) -> String {
        let user = |name: &str, user: &User| {
            let list = |subjects: &[String]| {
                let lines = subjects.iter();
                let lines: Vec<_> = lines
                    .map(|subject| format!("            {subject:?}"))
                    .collect();
                lines.join("\n")
            };
            format!(
                "      {{\n        user: {name}, password: ${}_PASSWORD\n        permissions: {{\n          \
                 publish: {{ allow: [\n{}\n          ] }}\n          \
                 subscribe: {{ allow: [\n{}\n          ] }}\n        }}\n      }}",
                name.to_uppercase(),
                list(&user.publish),
                list(&user.subscribe)
            )
        };
        format!(
            "# The account of queue {queue:?}, for the broker's configuration file. GATEWAY_PASSWORD and\n\
             # WORKER_PASSWORD are variables of its environment. Instead of a user with a password, each\n\
             # may be an nkey (`nkey: U…` for `user: …, password: …`).\naccounts {{\n  nanobot {{\n    \
             jetstream: enabled\n    users: [\n{}\n{}\n    ]\n  }}\n}}",
            user("gateway", &self.gateway),
            user("worker", &self.worker)
        )
    }
}
