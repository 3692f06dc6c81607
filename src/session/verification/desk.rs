//! The verifications under way, and the task that looks after them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use matrix_sdk::{
    Client,
    encryption::{
        identities::{Device, RequestVerificationError},
        verification::{Verification as SdkVerification, VerificationRequest},
    },
    ruma::{OwnedDeviceId, OwnedUserId, UserId, events::key::verification::VerificationMethod},
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
    instance::{Stage, Verification, now},
    session::{failure::translate, open::Session, transfer::new_device_id},
};

/// The most verifications under way, and the most that ended and are still told of.
const MOST: usize = 8;
/// The most requests that wait to be looked at, which takes a moment.
const MOST_OFFERS: usize = 64;
/// How long a request is good (spec, "Key verification framework").
const REQUEST_LIMIT: Duration = Duration::from_mins(10);
/// How long either side's SDK waits between two messages once a comparison has begun.
const COMPARISON_LIMIT: Duration = Duration::from_mins(1);

pub(super) struct Desk {
    client: Client,
    account: Account,
    own_id: OwnedUserId,
    host: Box<dyn VerificationHost>,
    /// Oldest first.
    flows: Mutex<Vec<Flow>>,
    offers: Mutex<Vec<Offer>>,
    /// A step was taken, or a person has decided.
    news: Notify,
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

    pub(super) async fn start(
        &self,
        user_id: &str,
        device_id: Option<&str>,
    ) -> Result<Verification> {
        let user_id = UserId::parse(user_id).map_err(|error| {
            Error::failure(format!("{user_id} is not a user id")).because(error)
        })?;
        self.check_room_for(&user_id)?;
        let request = self.request(&user_id, device_id).await?;
        let flow = self.flow(user_id, request.flow_id().to_owned(), Some(request));
        let view = flow.view.clone();
        self.with(|flows| flows.push(flow));
        self.news.notify_one();
        Ok(view)
    }

    /// Two at once with one user would both be ended by the SDK.
    fn check_room_for(&self, user_id: &UserId) -> Result<()> {
        let same = self.with(|flows| {
            let mut live = flows.iter().filter(|flow| !flow.view.stage.is_over());
            live.find(|flow| flow.user_id == user_id)
                .map(|flow| flow.view.id.clone())
        });
        if let Some(id) = same {
            return Err(
                Error::failure(format!("a verification with {user_id} is under way")).hint(
                    format!("run `nanobot verify` to go on with it, or `nanobot verify deny {id}`"),
                ),
            );
        }
        if self.is_full() {
            return Err(Error::failure("too many verifications are under way")
                .hint("see them with `nanobot verify list`"));
        }
        Ok(())
    }

    async fn request(
        &self,
        user_id: &UserId,
        device_id: Option<&str>,
    ) -> Result<VerificationRequest> {
        let encryption = self.client.encryption();
        let ask_keys = "ask for the keys of who is to be verified";
        let methods = vec![VerificationMethod::SasV1];
        let failed = |error: &matrix_sdk::Error| translate(ask_keys, error);
        let identity = encryption.request_user_identity(user_id).await;
        let identity = identity.map_err(|error| failed(&error))?;
        let asked = if let Some(device_id) = device_id {
            let id = OwnedDeviceId::from(device_id);
            let device = encryption.get_device(user_id, &id).await;
            let device = device.map_err(|error| failed(&error.into()))?;
            let device =
                device.filter(|device| !self.is_this(user_id, device.device_id().as_str()));
            let Some(device) = device else {
                let words = format!("{user_id} has no other device {device_id} with encryption");
                return Err(Error::failure(words));
            };
            device.request_verification_with_methods(methods).await
        } else {
            let devices = encryption.get_user_devices(user_id).await;
            let devices = devices.map_err(|error| failed(&error))?;
            // Of its own account's devices, the SDK asks those that their owner vouches for.
            let can_answer = |device: &Device| {
                !self.is_this(user_id, device.device_id().as_str())
                    && (user_id != self.own_id || device.is_cross_signed_by_owner())
            };
            if !devices.devices().any(|device| can_answer(&device)) {
                let words = format!("{user_id} has no other device that could answer");
                return Err(Error::failure(words)
                    .hint("name one of their devices: nanobot verify USER --device ID"));
            }
            let Some(identity) = identity else {
                return Err(
                    Error::failure(format!("{user_id} has no cross-signing identity"))
                        .hint("verify one of their devices: nanobot verify USER --device ID"),
                );
            };
            let asked = identity.request_verification_with_methods(methods).await;
            asked.map_err(|error| match error {
                RequestVerificationError::Sdk(error) => error,
                other => matrix_sdk::Error::UnknownError(Box::new(other)),
            })
        };
        asked.map_err(|error| translate("ask for a verification", &error))
    }

    fn is_this(&self, user_id: &UserId, device_id: &str) -> bool {
        user_id == self.own_id && self.client.device_id().is_some_and(|own| own == device_id)
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
        let Offer { user_id, flow_id } = offer;
        let known = |flow: &Flow| flow.user_id == user_id && flow.flow_id == flow_id;
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
            .get_verification_request(&user_id, &flow_id)
            .await;
        let mut flow = self.flow(user_id, flow_id, request);
        if flow.request.is_none() {
            let started = encryption
                .get_verification(&flow.user_id, &flow.flow_id)
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

    fn flow(
        &self,
        user_id: OwnedUserId,
        flow_id: String,
        request: Option<VerificationRequest>,
    ) -> Flow {
        let room_id = request.as_ref().and_then(VerificationRequest::room_id);
        let view = Verification {
            id: new_device_id(),
            user_id: tame(user_id.as_str(), &[]),
            device_id: None,
            room_id: room_id.map(ToString::to_string),
            started_by_bot: request
                .as_ref()
                .is_some_and(VerificationRequest::we_started),
            expires_at: in_future(REQUEST_LIMIT),
            stage: Stage::Waiting,
        };
        Flow {
            user_id,
            flow_id,
            view,
            decision: None,
            request,
            sas: None,
            concluding: false,
        }
    }

    async fn look_at(self: &Arc<Self>, mut flow: Flow) {
        let mut progress = flow.advance().await;
        if matches!(progress, Ok(Progress::Compare(_))) && self.host.trusts_blindly() {
            flow.decision = Some(true);
            progress = flow.advance().await;
        }
        let device_id = flow.device_id().map(|id| tame(&id, &[]));
        flow.view.device_id = device_id.or(flow.view.device_id.take());
        let stage = match progress {
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
                flow.give_up().await;
                Stage::Cancelled {
                    by_us: true,
                    code: "m.user".to_owned(),
                    reason: translate("go on with it", &error).to_string(),
                }
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
        let is_news = flow.view.stage != stage;
        if is_news {
            flow.view.expires_at = in_future(COMPARISON_LIMIT);
            flow.view.stage = stage;
        }
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

    fn is_full(&self) -> bool {
        let live = |flow: &&Flow| !flow.view.stage.is_over();
        self.with(|flows| flows.iter().filter(live).count() >= MOST)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Flow>) -> T) -> T {
        work(&mut self.flows.lock().unwrap_or_else(PoisonError::into_inner))
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

fn in_future(time: Duration) -> u64 {
    // Minutes.
    now().saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
