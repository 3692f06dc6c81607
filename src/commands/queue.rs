//! `nanobot queue`: the messages that are not done.

use console::Term;

use super::{Outcome, paths};
use crate::{
    account::queue::{INDENT, Queue},
    cli::{
        Global,
        queue::{self as cli, QueueCommand},
    },
    error::Result,
    ipc::Which,
    text::wrap,
};

pub async fn run(args: &cli::Queue, global: &Global) -> Result<Outcome> {
    let queue = Queue::open(&paths(global)?).await?;
    Ok(match &args.command {
        QueueCommand::List(args) => {
            let list = queue.list(args.text).await?;
            Outcome::new(wrap(&list.to_string(), INDENT, &Term::stdout()), &list)
        }
        QueueCommand::Show(args) => Outcome::of(&queue.show(&args.id, args.text).await?),
        QueueCommand::Retry(args) => Outcome::of(&queue.retry(which(&args.which)).await?),
        QueueCommand::Drop(args) => Outcome::of(&queue.discard(which(&args.which)).await?),
    })
}

fn which(args: &cli::Which) -> Which {
    if args.all {
        Which::Parked
    } else {
        Which::Ids(args.ids.clone())
    }
}
