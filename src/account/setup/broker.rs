//! The message broker whose workers answer.

use serde_json::{Value, json};

use super::{agent_options::at, run::Run};
use crate::{address::pasted, config::Document, error::Result, terminal::Question};

const SERVERS: &str = "servers";

impl Run {
    /// Asks for the broker's addresses, unless the document has some.
    pub async fn ask_servers(&self, document: &mut Document, changes: bool) -> Result<()> {
        let before = read(document).join(" ");
        if !(before.is_empty() || changes) {
            return Ok(());
        }
        let question = Question {
            default: Some(&*before).filter(|before| !before.is_empty()),
            why: "Where gateway and workers meet. A login and certificates are settings of their \
                  own: see docs/scale.md.",
            ..Question::new(
                "NATS servers (tls://nats.example.org:4222)",
                "--nats-server",
            )
        };
        let told = |typed: &str| {
            let mut document = document.clone();
            let typed = typed.split([' ', ',']).map(pasted);
            let servers: Vec<_> = typed.filter(|server| !server.is_empty()).collect();
            document.set(&at(SERVERS), &json!(servers))?;
            self.build(&document).map(|_| document)
        };
        let read = |typed: &str| told(typed).map_err(|error| error.to_string());
        *document = self.terminal.ask(question, read).await?;
        Ok(())
    }
}

/// The broker's addresses in the document.
pub fn read(document: &Document) -> Vec<String> {
    let servers = document.get(&at(SERVERS));
    let servers = servers.as_ref().and_then(Value::as_array);
    let servers = servers.into_iter().flatten().filter_map(Value::as_str);
    servers.map(str::to_owned).collect()
}
