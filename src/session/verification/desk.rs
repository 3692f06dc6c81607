//! The verifications under way, and the task that looks after them.

use std::sync::{Arc, Mutex, PoisonError};

use matrix_sdk::{
    Client,
    encryption::verification::Verification as SdkVerification,
    ruma::{OwnedUserId, UserId},
    sync::SyncResponse,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    VerificationHost,
    flow::{Flow, Progress},
    gained::Finished,
    offer::{self, Offer},
};
use crate::{
    error::{Error, Result},
    homeserver::{Account, tame},
    instance::{Stage, Verification},
    session::{failure::translate, open::Session},
};

/// The most verifications under way, and the most that ended and are still told of.
const MOST: usize = 8;
/// The most requests that wait to be looked at, which takes a moment.
const MOST_OFFERS: usize = 64;

pub(super) struct Desk {
    pub(super) client: Client,
    account: Account,
    pub(super) own_id: OwnedUserId,
    host: Box<dyn VerificationHost>,
    /// Oldest first.
    flows: Mutex<Vec<Flow>>,
    offers: Mutex<Vec<Offer>>,
    /// A step was taken, or a person has decided.
    pub(super) news: Notify,
}

impl Desk {
    pub(super) fn new(
        session: &Session,
        account: Account,
        host: Box<dyn VerificationHost>,
    ) -> Self {
        Self {
            client: session.client.clone(),
            account,
            own_id: session.user_id.clone(),
            host,
            flows: Mutex::default(),
            offers: Mutex::default(),
            news: Notify::new(),
        }
    }

    pub(super) fn hear(&self, response: &SyncResponse) {
        let mut waiting = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        let free = MOST_OFFERS.saturating_sub(waiting.len());
        waiting.extend(offer::offers(response, &self.own_id).take(free));
        self.news.notify_one();
    }

    pub(super) fn list(&self) -> Vec<Verification> {
        self.with(|flows| flows.iter().map(|flow| flow.view.clone()).collect())
    }

    pub(super) fn decide(&self, id: &str, matches: bool) -> Result<Verification> {
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
            flow.decision = Some(matches);
            Ok(flow.view.clone())
        });
        self.news.notify_one();
        decided.map_err(|why| Error::failure(why).hint("see them with `nanobot verify list`"))
    }

    /// Looks after everything until it is told to stop.
    pub(super) async fn attend(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.news.notified() => {}
            }
            let offers =
                std::mem::take(&mut *self.offers.lock().unwrap_or_else(PoisonError::into_inner));
            for offer in offers {
                self.receive(offer).await;
            }
            for flow in self.with(|flows| flows.clone()) {
                if !flow.view.stage.is_over() && !flow.concluding {
                    self.look_at(flow).await;
                }
            }
        }
    }

    pub(super) async fn give_up(&self) {
        for flow in self.with(|flows| flows.clone()) {
            if !flow.view.stage.is_over() && !flow.concluding {
                flow.give_up().await;
            }
        }
    }

    async fn receive(&self, offer: Offer) {
        let Offer {
            user_id,
            transaction,
        } = offer;
        let known = |flow: &Flow| flow.user_id == user_id && flow.transaction == transaction;
        if self.with(|flows| flows.iter().any(known)) {
            return;
        }
        if user_id != self.own_id && !self.host.admits(user_id.as_str()) {
            return;
        }
        if self.is_full() {
            tracing::warn!(user = %user_id, "not verified: too many verifications are under way");
            return;
        }
        let encryption = self.client.encryption();
        let request = encryption
            .get_verification_request(&user_id, &transaction)
            .await;
        let mut flow = Flow::new(user_id, transaction, request);
        if flow.request.is_none() {
            let started = encryption
                .get_verification(&flow.user_id, &flow.transaction)
                .await;
            let Some(SdkVerification::SasV1(sas)) = started else {
                self.meet(&flow.user_id).await;
                return;
            };
            flow.sas = Some(sas);
        }
        flow.view.device_id = flow.device_id().map(|id| tame(&id, &[]));
        self.host.tell(&flow.view);
        self.with(|flows| flows.push(flow));
    }

    /// The SDK drops the request of a device that it does not know; the next one it will.
    async fn meet(&self, user_id: &UserId) {
        match self
            .client
            .encryption()
            .request_user_identity(user_id)
            .await
        {
            Ok(_) => tracing::warn!(
                user = %user_id,
                "a verification was asked for by a device that was not known, or too long ago; \
                 it will work if it is asked for again"
            ),
            Err(error) => tracing::warn!(user = %user_id, %error, "cannot ask for their keys"),
        }
    }

    async fn look_at(self: &Arc<Self>, mut flow: Flow) {
        let mut progress = flow.advance().await;
        if matches!(progress, Ok(Progress::Compare(_))) && self.host.confirms_unseen(&flow.view) {
            flow.decision = Some(true);
            progress = flow.advance().await;
        }
        let device_id = flow.device_id().map(|id| tame(&id, &[]));
        flow.view.device_id = device_id.or(flow.view.device_id.take());
        let stage = match progress {
            Ok(progress) if flow.is_exchanged(&progress) => {
                broken_off(&flow, "the other side began anew while it was compared").await
            }
            Ok(Progress::Waiting) => Stage::Waiting,
            Ok(Progress::Compare(comparison)) => Stage::Compare(comparison),
            Ok(Progress::Confirmed) => Stage::Confirmed,
            Ok(Progress::Done) => {
                flow.concluding = true;
                tokio::spawn(self.clone().conclude(flow.clone()));
                Stage::Confirmed
            }
            Ok(Progress::Ended(stage)) => stage,
            Err(error) => {
                let why = translate("go on with it", &error).to_string();
                broken_off(&flow, &why).await
            }
        };
        self.update(flow, stage);
    }

    async fn conclude(self: Arc<Self>, flow: Flow) {
        let finished = Finished {
            client: &self.client,
            account: &self.account,
            own_id: &self.own_id,
            user_id: &flow.user_id,
            device_id: flow.view.device_id.as_deref().unwrap_or_default(),
        };
        let gain = finished.gain().await;
        let stage = Stage::Verified {
            signed: gain.signed,
            gained: gain.words,
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

    pub(super) fn is_full(&self) -> bool {
        let live = |flow: &&Flow| !flow.view.stage.is_over();
        self.with(|flows| flows.iter().filter(live).count() >= MOST)
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Vec<Flow>) -> T) -> T {
        work(&mut self.flows.lock().unwrap_or_else(PoisonError::into_inner))
    }
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
