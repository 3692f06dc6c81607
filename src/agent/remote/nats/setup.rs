//! What the gateway has the broker keep: the streams of questions and answers, and the files.

use std::{collections::HashMap, num::NonZeroUsize, time::Duration};

use async_nats::jetstream::{
    consumer::{AckPolicy, pull},
    context::GetStreamErrorKind,
    object_store,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};

use super::{link::Link, names::CONSUMER};
use crate::error::{Error, Result};

/// How long anything is kept. The gateway's journal is the record: what is lost here is asked again.
const KEPT: Duration = Duration::from_hours(24);
/// What tells workers by which key is sealed.
const SEALING: &str = "nanobot-sealing";
/// The largest message that is kept, in bytes; what is more goes into a file.
pub const LARGEST: i32 = 1024 * 1024;

/// How the broker is to keep it.
#[derive(Clone, Copy, Debug)]
pub struct Keeping {
    /// On how many brokers.
    pub replicas: NonZeroUsize,
    /// After how much silence of its worker a question is given to another.
    pub worker_timeout: Duration,
}

impl Link {
    /// Makes what is not there yet. What is there stays as it is, so that whoever runs the broker
    /// may change it, but for what workers have to know.
    ///
    /// # Errors
    ///
    /// When the broker refuses it.
    pub async fn set_up(&self, keeping: Keeping) -> Result<()> {
        let (jobs, replies) = (self.names.jobs(), self.names.replies());
        let replicas = keeping.replicas.get();
        let config = |name: &str, subject: String| Config {
            name: name.to_owned(),
            subjects: vec![subject],
            max_age: KEPT,
            max_message_size: LARGEST,
            storage: StorageType::File,
            num_replicas: replicas,
            allow_direct: true,
            metadata: HashMap::from([(SEALING.to_owned(), self.seal.fingerprint().to_owned())]),
            ..Config::default()
        };
        let questions = Config {
            retention: RetentionPolicy::WorkQueue,
            discard: DiscardPolicy::New,
            ..config(&jobs, self.names.job("*"))
        };
        let answers = Config {
            max_messages_per_subject: 1,
            ..config(&replies, self.names.reply("*"))
        };
        self.make(questions).await?;
        self.make(answers).await?;
        let consumer = pull::Config {
            durable_name: Some(CONSUMER.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: keeping.worker_timeout,
            max_ack_pending: 100_000,
            max_waiting: 100_000,
            ..pull::Config::default()
        };
        self.context
            .create_consumer_on_stream(consumer, &jobs)
            .await?;
        self.make_bucket(replicas).await
    }

    async fn make(&self, config: Config) -> Result<()> {
        let Some(mut known) = self.known(&config.name).await? else {
            self.context.create_stream(config).await?;
            return Ok(());
        };
        if known.metadata.get(SEALING) != config.metadata.get(SEALING) {
            known.metadata.extend(config.metadata);
            self.context.update_stream(known).await?;
        }
        Ok(())
    }

    /// How a stream is configured; `None` where there is none.
    async fn known(&self, name: &str) -> Result<Option<Config>> {
        match self.context.get_stream(name).await {
            Ok(stream) => Ok(Some(stream.cached_info().config.clone())),
            Err(error) if is_missing(&error.kind()) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn make_bucket(&self, replicas: usize) -> Result<()> {
        let bucket = self.names.bucket();
        if self.context.get_object_store(&bucket).await.is_ok() {
            return Ok(());
        }
        let config = object_store::Config {
            bucket,
            max_age: KEPT,
            num_replicas: replicas,
            ..object_store::Config::default()
        };
        self.context.create_object_store(config).await?;
        Ok(())
    }

    /// Whether the gateway seals with our key; an error tells the difference. `None` where there is
    /// no queue yet.
    ///
    /// # Errors
    ///
    /// When the keys are not the same, or the broker does not say.
    pub async fn check_sealing(&self) -> Result<Option<()>> {
        let Some(jobs) = self.known(&self.names.jobs()).await? else {
            return Ok(None);
        };
        let theirs = jobs.metadata.get(SEALING).map_or("", String::as_str);
        let why = match (self.seal.fingerprint(), theirs) {
            (ours, theirs) if ours == theirs => return Ok(Some(())),
            ("", _) => "the gateway seals what it sends, and no sealingKey is configured here",
            (_, "") => "a sealingKey is configured here, and the gateway seals nothing",
            _ => "the gateway seals with another sealingKey than the one configured here",
        };
        Err(Error::config(why)
            .hint("configure the same sealingKey for the gateway and all workers"))
    }
}

fn is_missing(kind: &GetStreamErrorKind) -> bool {
    use async_nats::jetstream::ErrorCode;
    matches!(kind, GetStreamErrorKind::JetStream(error)
        if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}
