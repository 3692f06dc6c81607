//! A connection to the broker.

use std::{
    fmt, io,
    iter::successors,
    path::Path,
    time::{Duration, Instant},
};

use async_nats::{
    Client, ConnectOptions, Event, Subscriber,
    connection::State,
    jetstream::{
        Context, ContextBuilder,
        context::PublishErrorKind,
        message::{PublishMessage, StreamMessage},
        stream::{DirectGetErrorKind, Stream},
    },
    rustls,
};
use serde::Serialize;
use serde_json::json;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    names::{Names, Role},
    settings::{Login, Settings},
};
use crate::{
    agent::remote::seal::Seal,
    error::{Error, Result, chain},
    files::only_secret,
    ipc::now,
    text::excerpt,
};

/// How long the broker may take to let us in, and to answer anything.
const LIMIT: Duration = Duration::from_secs(5);
/// How often a connection that is idle is tried.
const PING: Duration = Duration::from_secs(5);
/// The oldest broker that keeps what is told of a stream.
const OLDEST: (i64, i64) = (2, 10);
/// How long something that the broker refused is taken to last: what fails is tried again each few
/// seconds.
const LASTS: Duration = Duration::from_secs(30);
/// The longest wait between two tries to connect again.
const LONGEST_WAIT: u64 = 2000;

/// A connection to the broker, which is made again whenever it breaks. Clones share it.
#[derive(Clone, Debug)]
pub struct Link {
    pub client: Client,
    pub context: Context,
    pub names: Names,
    pub seal: Seal,
    pub state: watch::Receiver<LinkState>,
}

/// How the connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkState {
    /// Since when there is none, in milliseconds since the Unix epoch.
    pub away_since: Option<u64>,
    /// What the broker refused last.
    pub fault: Option<Fault>,
    /// How often it was made.
    pub count: u64,
}

/// Something that the broker refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub why: String,
    pub at: Instant,
}

impl Fault {
    /// It happened now.
    pub fn new(why: &dyn fmt::Display) -> Self {
        Self {
            why: excerpt(&why.to_string()),
            at: Instant::now(),
        }
    }

    /// Whether it would have happened again if it lasted.
    pub fn is_over(&self) -> bool {
        self.at.elapsed() > LASTS
    }
}

/// How long to wait after something failed.
pub const AGAIN: Duration = Duration::from_secs(1);

/// Tries something until it is done, however long the broker is away. Why it cannot is told once,
/// behind these words.
pub async fn insist<T, F: Future<Output = Result<T>>>(cannot: &str, attempt: impl Fn() -> F) -> T {
    let mut is_told = false;
    loop {
        match attempt().await {
            Ok(done) => return done,
            Err(error) if !std::mem::replace(&mut is_told, true) => {
                tracing::warn!("{cannot}{error}; retrying");
            }
            Err(_) => {}
        }
        sleep(AGAIN).await;
    }
}

impl Link {
    /// Connects once.
    ///
    /// # Errors
    ///
    /// When the broker cannot be reached or does not let us in.
    pub async fn connect(settings: &Settings, role: Role, name: &str) -> Result<Self> {
        let names = Names::new(&settings.queue);
        let (sender, state) = watch::channel(LinkState {
            away_since: None,
            fault: None,
            count: 1,
        });
        let options = login(&settings.login)?
            .name(name)
            .require_tls(settings.tls)
            .connection_timeout(LIMIT)
            .ping_interval(PING)
            .custom_inbox_prefix(names.inbox(role))
            .reconnect_delay_callback(|attempts| {
                let wait = 50_u64.saturating_mul(1 << attempts.min(10));
                Duration::from_millis(wait.min(LONGEST_WAIT))
            })
            .event_callback(move |event| {
                note(&sender, &event);
                std::future::ready(())
            });
        let options = certificates(settings, options)?;
        let client = options
            .connect(settings.servers.as_slice())
            .await
            .map_err(|error| unreachable(settings, &error))?;
        let (major, minor) = OLDEST;
        if !client.is_server_compatible(major, minor, 0) {
            let (broker, version) = (settings.describe(), client.server_info().version);
            let version = excerpt(&version);
            return Err(Error::failure(format!(
                "the message broker {broker} is NATS {version}, which is too old"
            ))
            .hint(format!("install NATS {major}.{minor} or newer")));
        }
        let context = ContextBuilder::new()
            .timeout(LIMIT)
            .ack_timeout(LIMIT)
            .build(client.clone());
        Ok(Self {
            client,
            context,
            names,
            seal: settings.seal.clone(),
            state,
        })
    }

    /// Whether the connection is there.
    pub fn is_up(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// A stream that was made.
    pub async fn stream(&self, name: String) -> Result<Stream<()>> {
        Ok(self.context.get_stream_no_info(name).await?)
    }

    /// The last message to this subject that this stream has.
    ///
    /// # Errors
    ///
    /// When the broker does not say.
    pub async fn last(&self, stream: String, subject: &str) -> Result<Option<StreamMessage>> {
        let stream = self.stream(stream).await?;
        match stream.direct_get_last_for_subject(subject).await {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a job out of the queue.
    ///
    /// # Errors
    ///
    /// When the broker does not do it.
    pub async fn withdraw(&self, id: &str) -> Result<()> {
        let jobs = self.stream(self.names.jobs()).await?;
        jobs.purge().filter(self.names.job(id)).await?;
        Ok(())
    }

    /// What is told under these names from now on.
    ///
    /// # Errors
    ///
    /// When the broker does not take it.
    pub async fn subscribe(&self, subject: String) -> Result<Subscriber> {
        Ok(self.client.subscribe(subject).await?)
    }

    /// What workers say of themselves, from now on; each is asked for it once.
    ///
    /// # Errors
    ///
    /// When the broker does not take it.
    pub async fn roll_call(&self) -> Result<Subscriber> {
        let workers = self.subscribe(self.names.worker("*")).await?;
        self.tell(self.names.roll_call(), &json!({})).await;
        Ok(workers)
    }

    /// Publishes what may be there once; whether it was not there before.
    ///
    /// # Errors
    ///
    /// When the broker does not say that it has it.
    pub async fn publish_first(&self, subject: String, payload: Vec<u8>) -> Result<bool> {
        let message = PublishMessage::build()
            .payload(payload.into())
            .expected_last_subject_sequence(0);
        let sent = self.context.send_publish(subject, message).await?;
        match timeout(2 * LIMIT, sent.into_future()).await {
            Ok(Ok(_)) => Ok(true),
            Ok(Err(error)) if error.kind() == PublishErrorKind::WrongLastSequence => Ok(false),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Error::failure("the message broker does not answer")),
        }
    }

    /// Publishes something that may be lost.
    pub async fn tell(&self, subject: String, message: &impl Serialize) {
        let sealed = to_bytes(message).and_then(|bytes| self.seal.seal(&subject, bytes));
        match sealed {
            Ok(sealed) => {
                // Fails only where the connection was closed for good, which everything else tells.
                let _ = self.client.publish(subject, sealed.into()).await;
            }
            Err(error) => tracing::warn!("{error}"),
        }
    }
}

/// A message as it travels.
pub fn to_bytes(message: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(message)
        .map_err(|error| Error::failure("cannot write a message").because(error))
}

fn note(state: &watch::Sender<LinkState>, event: &Event) {
    state.send_modify(|state| match event {
        Event::Connected => {
            state.count += u64::from(state.away_since.is_some());
            state.away_since = None;
            state.fault = None;
        }
        Event::Disconnected | Event::Closed => {
            state.away_since.get_or_insert_with(now);
        }
        Event::ServerError(error) => state.fault = Some(Fault::new(error)),
        Event::ClientError(error) => state.fault = Some(Fault::new(error)),
        _ => {}
    });
}

fn login(login: &Login) -> Result<ConnectOptions> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| unreadable(path, error));
    let options = ConnectOptions::new();
    Ok(match login {
        Login::Nothing => options,
        Login::CredentialsFile(path) => options.credentials(&read(path)?).map_err(|_| {
            let shown = path.display();
            Error::config(format!("{shown} is not a credentials file of NATS"))
                .hint("write it with `nsc generate creds`")
        })?,
        Login::NkeyFile(path) => options.nkey(only_secret(&read(path)?).trim().to_owned()),
        Login::Password(user, password) => {
            options.user_and_password(user.clone(), password.expose().to_owned())
        }
        Login::Token(token) => options.token(token.expose().to_owned()),
    })
}

fn certificates(settings: &Settings, mut options: ConnectOptions) -> Result<ConnectOptions> {
    let there = |path: &Path| match std::fs::File::open(path) {
        Ok(_) => Ok(path.to_owned()),
        Err(error) => Err(unreadable(path, error)),
    };
    if let Some(path) = &settings.root_certificates {
        options = options.add_root_certificates(there(path)?);
    }
    if let Some((certificate, key)) = &settings.certificate {
        options = options.add_client_certificate(there(certificate)?, there(key)?);
    }
    Ok(options)
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::config(format!("cannot read {}", path.display())).because(error)
}

fn unreachable(settings: &Settings, error: &async_nats::ConnectError) -> Error {
    use async_nats::ConnectErrorKind as Why;
    let broker = settings.describe();
    let why = excerpt(&chain(error));
    let kind = if is_about_tls(error) {
        Why::Tls
    } else {
        error.kind()
    };
    match kind {
        Why::Authentication | Why::AuthorizationViolation => Error::failure(format!(
            "the message broker {broker} does not let us in: {why}"
        ))
        .hint("check user and password, credentialsFile or nkeyFile, and the broker's accounts"),
        Why::Tls => Error::failure(format!(
            "no secure connection to the message broker {broker}: {why}"
        ))
        .hint("check the broker's certificate and its name, and caFile"),
        _ => Error::unreachable(format!("cannot reach the message broker {broker}: {why}"))
            .hint("start the broker, or correct servers"),
    }
}

/// Whether a secure connection was refused, by either side; the client calls some of that I/O.
fn is_about_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    successors(Some(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>()?.get_ref())
        .any(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
}

/// Something that the broker does not do.
pub fn refused(error: &(dyn std::error::Error + 'static)) -> Error {
    let why = excerpt(&chain(error));
    Error::failure(format!("the message broker refuses something: {why}")).hint(
        "check that JetStream is enabled and has room, and the permissions: \
         `nanobot worker --print-permissions` prints them",
    )
}

impl<K> From<async_nats::error::Error<K>> for Error
where
    K: Clone + fmt::Debug + fmt::Display + PartialEq + 'static,
{
    fn from(error: async_nats::error::Error<K>) -> Self {
        refused(&error)
    }
}
