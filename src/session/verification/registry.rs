//! The verifications under way, and the task that looks after them.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use matrix_sdk::{
    Client,
    encryption::verification::Verification as SdkVerification,
    ruma::{OwnedUserId, UserId},
};
use tokio::sync::{Notify, mpsc};

use super::{
    flow::{Decision, Flow},
    requests::{self, Request},
};
use crate::{
    error::{Error, Result},
    homeserver::Account,
    ipc::{Stage, Verification, VerifyRequest},
    session::{sdk::SdkError, sync::session::Session},
    threads::lock,
};

/// The most verifications under way, and the most that ended and are still told of.
const MOST: usize = 8;
/// The most requests that wait to be looked at, which takes a moment.
const MOST_REQUESTS: usize = 64;

/// Decides whose verifications are taken part in, and hears how they go.
pub trait VerificationHost: Send + Sync + 'static {
    /// Whether a request of this user is accepted. The other devices of the bot's own account are
    /// not asked about.
    fn admits(&self, user_id: &str) -> bool;
    /// Whether this verification's comparison counts as a match, though nobody makes it.
    fn confirms_unseen(&self, _: &Verification) -> bool {
        false
    }
    /// A verification has come to another stage.
    fn tell(&self, _: &Verification) {}
}

/// The verifications of a device while its session is stepped.
pub type Verifications = Arc<Registry>;

pub struct Registry {
    pub client: Client,
    pub account: Account,
    pub own_id: OwnedUserId,
    host: Box<dyn VerificationHost>,
    /// Oldest first.
    flows: Mutex<Vec<Flow>>,
    /// A step was taken, or a person has decided.
    pub news: Notify,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registry")
    }
}

impl Session {
    /// Takes part in verifications from now on, as long as this session lives and is stepped.
    /// The caller is in a Tokio runtime.
    pub fn verifications(&mut self, host: impl VerificationHost) -> Verifications {
        let registry = Arc::new(Registry {
            client: self.client.clone(),
            account: self.account.clone(),
            own_id: self.user_id.clone(),
            host: Box::new(host),
            flows: Mutex::default(),
            news: Notify::new(),
        });
        // Its end, with the session, is the end of the task too.
        let (found, requests) = mpsc::channel(MOST_REQUESTS);
        tokio::spawn(registry.clone().attend(requests));
        let listening = registry.clone();
        self.sync_listener = Some(Box::new(move |response| {
            for request in requests::found_in(response, &listening.own_id) {
                // Those that find no place are left out.
                let _ = found.try_send(request);
            }
            listening.news.notify_one();
        }));
        registry
    }
}

impl Registry {
    /// Does what is asked, and returns what was asked about: one verification, or those under way
    /// and the last that ended, oldest first.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start) and [`decide`](Self::decide).
    pub async fn perform(&self, request: VerifyRequest) -> Result<Vec<Verification>> {
        match request {
            VerifyRequest::List => {
                Ok(self.with(|flows| flows.iter().map(|flow| flow.view.clone()).collect()))
            }
            VerifyRequest::Start { user_id, device_id } => {
                let started = self.start(&user_id, device_id.as_deref()).await?;
                Ok(vec![started])
            }
            VerifyRequest::Decide { id, matches } => Ok(vec![self.decide(&id, matches)?]),
        }
    }

    /// Says how a comparison ended. Where nothing was compared yet, that it does not match ends the
    /// verification, and is no mismatch.
    ///
    /// # Errors
    ///
    /// When there is no such verification, it is over, or there is nothing to compare yet.
    fn decide(&self, id: &str, matches: bool) -> Result<Verification> {
        let decided = self.with(|flows| {
            let flow = flows.iter_mut().find(|flow| flow.view.id == id);
            let flow = flow.ok_or_else(|| format!("there is no verification {id}"))?;
            let stage = &flow.view.stage;
            let refusal = match flow.decision {
                _ if stage.is_over() => Some("is over"),
                Some(_) => Some("is decided already"),
                None if matches && !matches!(stage, Stage::Compare(_)) => {
                    Some("has nothing to compare yet")
                }
                None => None,
            };
            if let Some(refusal) = refusal {
                return Err(format!("verification {id} {refusal}"));
            }
            flow.decision = Some(match stage {
                _ if matches => Decision::Match,
                Stage::Compare(_) => Decision::Mismatch,
                _ => Decision::Refusal,
            });
            Ok(flow.view.clone())
        });
        self.news.notify_one();
        decided.map_err(|why| see_list(Error::failure(why)))
    }

    /// Looks after everything as long as requests may come.
    async fn attend(self: Arc<Self>, mut requests: mpsc::Receiver<Request>) {
        loop {
            tokio::select! {
                biased;
                request = requests.recv() => match request {
                    Some(request) => self.receive(request).await,
                    None => return,
                },
                () = self.news.notified() => {}
            }
            for flow in self.open_flows() {
                self.look_at(flow).await;
            }
        }
    }

    /// Ends those under way, for the other sides too where they can be told.
    pub async fn give_up(&self) {
        for flow in self.open_flows() {
            flow.give_up().await;
        }
    }

    /// Those that something may still be done for.
    fn open_flows(&self) -> Vec<Flow> {
        let is_open = |flow: &&Flow| !flow.view.stage.is_over() && !flow.concluding;
        self.with(|flows| flows.iter().filter(is_open).cloned().collect())
    }

    async fn receive(&self, request: Request) {
        let Request {
            user_id,
            transaction,
        } = request;
        let known = |flow: &Flow| flow.user_id == user_id && flow.transaction == transaction;
        let is_unwanted = || user_id != self.own_id && !self.host.admits(user_id.as_str());
        if self.with(|flows| flows.iter().any(known)) || is_unwanted() {
            return;
        }
        if self.is_full() {
            tracing::warn!(%user_id, "not verified: too many verifications are under way");
            return;
        }
        let encryption = self.client.encryption();
        let request = encryption.get_verification_request(&user_id, &transaction);
        let mut flow = Flow::new(user_id.clone(), transaction.clone(), request.await);
        if flow.request.is_none() {
            let started = encryption.get_verification(&user_id, &transaction).await;
            let Some(SdkVerification::SasV1(sas)) = started else {
                self.ask_for_keys(&user_id).await;
                return;
            };
            flow.sas = Some(sas);
        }
        flow.view.device_id = flow.device_id();
        self.host.tell(&flow.view);
        self.with(|flows| flows.push(flow));
    }

    /// The SDK drops the request of a device that it does not know; the next one it will.
    async fn ask_for_keys(&self, user_id: &UserId) {
        let encryption = self.client.encryption();
        match encryption.request_user_identity(user_id).await {
            Ok(_) => tracing::warn!(
                %user_id,
                "a verification was asked for by a device that was not known, or too long ago; \
                 it will work if it is asked for again"
            ),
            Err(error) => tracing::warn!(%user_id, %error, "cannot ask for their keys"),
        }
    }

    async fn look_at(self: &Arc<Self>, mut flow: Flow) {
        let mut stage = flow.advance().await;
        if matches!(stage, Ok(Stage::Compare(_))) && self.host.confirms_unseen(&flow.view) {
            flow.decision = Some(Decision::Match);
            stage = flow.advance().await;
        }
        flow.view.device_id = flow.device_id().or(flow.view.device_id.take());
        let stage = match stage {
            Ok(stage) if flow.is_exchanged(&stage) => {
                broken_off(&flow, "the other side began anew while it was compared").await
            }
            Ok(stage) => stage,
            Err(error) => {
                let why = Error::from(SdkError::new("go on with it", error)).to_string();
                broken_off(&flow, &why).await
            }
        };
        if stage == Stage::Confirmed && flow.is_done() {
            flow.concluding = true;
            tokio::spawn(self.clone().conclude(flow.clone()));
        }
        self.update(flow, stage);
    }

    async fn conclude(self: Arc<Self>, flow: Flow) {
        let device_id = flow.view.device_id.as_deref().unwrap_or_default();
        let outcome = self.outcome(&flow.user_id, device_id).await;
        let stage = Stage::Verified {
            signed: outcome.signed,
            gained: outcome.words,
        };
        self.update(flow, stage);
    }

    /// Keeps what was learned of a verification, and tells of it where that is news.
    fn update(&self, mut flow: Flow, stage: Stage) {
        let is_news = flow.come_to(stage);
        let view = flow.view.clone();
        self.with(|flows| {
            if let Some(kept) = flows.iter_mut().find(|kept| kept.view.id == view.id) {
                // A person may have decided meanwhile.
                flow.decision = flow.decision.or(kept.decision);
                *kept = flow;
            }
            forget_oldest(flows);
        });
        if is_news {
            self.host.tell(&view);
        }
    }

    pub fn is_full(&self) -> bool {
        let live = |flow: &&Flow| !flow.view.stage.is_over();
        self.with(|flows| flows.iter().filter(live).count() >= MOST)
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Vec<Flow>) -> T) -> T {
        work(&mut lock(&self.flows))
    }
}

pub fn see_list(error: Error) -> Error {
    error
        .hint("see those there are")
        .command("nanobot verify list")
}

async fn broken_off(flow: &Flow, why: &str) -> Stage {
    flow.give_up().await;
    Stage::Cancelled {
        by_us: true,
        code: "m.user".to_owned(),
        reason: why.to_owned(),
    }
}

/// Forgets those that ended longest ago.
fn forget_oldest(flows: &mut Vec<Flow>) {
    let mut over = flows
        .iter()
        .filter(|flow| flow.view.stage.is_over())
        .count();
    flows.retain(|flow| {
        let goes = over > MOST && flow.view.stage.is_over();
        over -= usize::from(goes);
        !goes
    });
}
