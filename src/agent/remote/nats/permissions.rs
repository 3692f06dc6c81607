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
    let inbox = |role| format!("{}.>", names.inbox(role));
    let distinct = |mut allowed: Vec<String>| {
        allowed.sort();
        allowed.dedup();
        allowed
    };
    Permissions {
        gateway: User {
            publish: distinct(of_gateway(&names)),
            subscribe: vec![inbox(Role::Gateway), names.events("*"), names.worker("*")],
        },
        worker: User {
            publish: distinct(of_worker(&names)),
            subscribe: vec![inbox(Role::Worker), names.stop("*"), names.roll_call()],
        },
    }
}

fn of_gateway(names: &Names) -> Vec<String> {
    let (jobs, replies, files) = (names.jobs(), names.replies(), files(names));
    let mut allowed = vec![names.job("*"), names.stop("*"), names.roll_call()];
    for stream in [&jobs, &replies, &files] {
        let calls = ["INFO", "CREATE", "UPDATE", "PURGE"];
        allowed.extend(calls.map(|call| format!("$JS.API.STREAM.{call}.{stream}")));
    }
    allowed.extend([
        format!("$JS.API.STREAM.MSG.DELETE.{replies}"),
        format!("$JS.API.DIRECT.GET.{jobs}.>"),
        format!("$JS.API.DIRECT.GET.{replies}.>"),
        format!("$JS.API.CONSUMER.CREATE.{jobs}.{CONSUMER}"),
        format!("$JS.API.CONSUMER.DURABLE.CREATE.{jobs}.{CONSUMER}"),
        format!("$JS.API.CONSUMER.INFO.{jobs}.{CONSUMER}"),
    ]);
    allowed.extend(of_files(names));
    allowed
}

fn of_worker(names: &Names) -> Vec<String> {
    let (jobs, replies) = (names.jobs(), names.replies());
    let mut allowed = vec![names.reply("*"), names.events("*"), names.worker("*")];
    allowed.extend([
        format!("$JS.API.STREAM.INFO.{jobs}"),
        format!("$JS.API.CONSUMER.INFO.{jobs}.{CONSUMER}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{jobs}.{CONSUMER}"),
        format!("$JS.ACK.{jobs}.{CONSUMER}.>"),
        format!("$JS.API.DIRECT.GET.{replies}.>"),
    ]);
    allowed.extend(of_files(names));
    allowed
}

/// The stream behind the object store.
fn files(names: &Names) -> String {
    format!("OBJ_{}", names.bucket())
}

fn of_files(names: &Names) -> [String; 8] {
    let (files, bucket) = (files(names), names.bucket());
    [
        format!("$JS.API.STREAM.INFO.{files}"),
        format!("$JS.API.STREAM.MSG.GET.{files}"),
        format!("$JS.API.DIRECT.GET.{files}.>"),
        format!("$JS.API.CONSUMER.CREATE.{files}"),
        format!("$JS.API.CONSUMER.CREATE.{files}.>"),
        format!("$JS.API.CONSUMER.DELETE.{files}.>"),
        format!("$JS.FC.{files}.>"),
        format!("$O.{bucket}.>"),
    ]
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
