//! One verification: what the SDK knows of it, and what is to be done next.

use std::time::Duration;

use matrix_sdk::{
    encryption::verification::{
        CancelInfo, SasState, SasVerification, Verification as SdkVerification,
        VerificationRequest, VerificationRequestState,
    },
    ruma::{OwnedUserId, events::key::verification::VerificationMethod},
};

use crate::{
    ipc::{Comparison, Emoji, Stage, Verification, now},
    session::device::store_account::new_device_id,
    text::excerpt,
};

/// How long a request is good (spec, "Key verification framework").
const REQUEST_LIMIT: Duration = Duration::from_mins(10);
/// How long either side's SDK waits between two messages once a comparison has begun.
const COMPARISON_LIMIT: Duration = Duration::from_mins(1);

/// What a person said of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Both sides show the same.
    Match,
    /// They do not.
    Mismatch,
    /// It is to end; nothing was compared.
    Refusal,
}

/// A verification and the SDK's handles on it. Clones share the handles.
#[derive(Clone, Debug)]
pub struct Flow {
    pub user_id: OwnedUserId,
    /// The protocol's name of it.
    pub transaction: String,
    pub view: Verification,
    pub decision: Option<Decision>,
    /// `None` where the other side started without asking.
    pub request: Option<VerificationRequest>,
    pub sas: Option<SasVerification>,
    /// What follows from it is being looked at.
    pub concluding: bool,
}

impl Flow {
    pub fn new(
        user_id: OwnedUserId,
        transaction: String,
        request: Option<VerificationRequest>,
    ) -> Self {
        let room_id = request.as_ref().and_then(VerificationRequest::room_id);
        let view = Verification {
            id: new_device_id(),
            user_id: excerpt(user_id.as_str()),
            device_id: None,
            room_id: room_id.map(ToString::to_string),
            started_by_bot: request
                .as_ref()
                .is_some_and(VerificationRequest::we_started),
            expires_at: in_future(REQUEST_LIMIT),
            stage: Stage::Waiting,
        };
        Self {
            user_id,
            transaction,
            view,
            decision: None,
            request,
            sas: None,
            concluding: false,
        }
    }

    /// Takes in how far it is; whether that is news.
    pub fn come_to(&mut self, stage: Stage) -> bool {
        let is_news = self.view.stage != stage;
        if is_news {
            self.view.expires_at = in_future(COMPARISON_LIMIT);
            self.view.stage = stage;
        }
        is_news
    }

    /// Whether this is not what it was that somebody is comparing. Then their answer would be about
    /// something else: the other side may begin anew under the same name.
    pub fn is_exchanged(&self, stage: &Stage) -> bool {
        matches!(self.view.stage, Stage::Compare(_))
            && matches!(stage, Stage::Waiting | Stage::Compare(_))
            && *stage != self.view.stage
    }

    /// Whether both sides have said that they are done.
    pub fn is_done(&self) -> bool {
        self.sas.as_ref().is_some_and(SasVerification::is_done)
    }

    /// Does what is this side's turn, and says how far it is then.
    pub async fn advance(&mut self) -> matrix_sdk::Result<Stage> {
        if let Some(ended) = self.advance_request().await? {
            return Ok(ended);
        }
        let Some(sas) = &self.sas else {
            return Ok(Stage::Waiting);
        };
        match (sas.state(), self.decision) {
            (SasState::Started { .. }, None) => sas.accept().await?,
            (SasState::KeysExchanged { .. }, Some(Decision::Match)) => sas.confirm().await?,
            (SasState::KeysExchanged { .. }, Some(Decision::Mismatch)) => sas.mismatch().await?,
            // Nothing was compared.
            (SasState::KeysExchanged { .. }, Some(Decision::Refusal))
            | (
                SasState::Created { .. } | SasState::Started { .. } | SasState::Accepted { .. },
                Some(_),
            ) => sas.cancel().await?,
            _ => {}
        }
        Ok(stage(sas.state()))
    }

    /// The part before emoji come into it. How it ended, where it did.
    async fn advance_request(&mut self) -> matrix_sdk::Result<Option<Stage>> {
        let Some(request) = &self.request else {
            return Ok(None);
        };
        // The other side's word that it is done counts only once the comparison is.
        if self.sas.is_none()
            && matches!(self.decision, Some(Decision::Mismatch | Decision::Refusal))
        {
            request.cancel().await?;
        }
        match request.state() {
            VerificationRequestState::Requested { .. } => {
                request.accept_with_methods(methods()).await?;
            }
            // Whoever asked begins.
            VerificationRequestState::Ready { .. } if request.we_started() => {
                self.sas = request.start_sas().await?;
            }
            VerificationRequestState::Transitioned {
                verification: SdkVerification::SasV1(sas),
            } => self.sas = Some(sas),
            VerificationRequestState::Cancelled(info) => {
                return Ok(Some(ended(&info)));
            }
            _ => {}
        }
        Ok(None)
    }

    /// Ends it for the other side too, where that is possible.
    pub async fn give_up(&self) {
        let given_up = match (&self.request, &self.sas) {
            (Some(request), _) => request.cancel().await,
            (None, Some(sas)) => sas.cancel().await,
            (None, None) => Ok(()),
        };
        if let Err(error) = given_up {
            tracing::debug!(%error, "the other side does not hear of the end");
        }
    }

    /// The other side's device, as soon as it is known.
    pub fn device_id(&self) -> Option<String> {
        if let Some(sas) = &self.sas {
            return Some(excerpt(sas.other_device().device_id().as_str()));
        }
        match self.request.as_ref()?.state() {
            VerificationRequestState::Requested {
                other_device_data: device,
                ..
            }
            | VerificationRequestState::Ready {
                other_device_data: device,
                ..
            } => Some(excerpt(device.device_id().as_str())),
            _ => None,
        }
    }
}

/// How the bot compares: it has no camera for codes.
pub fn methods() -> Vec<VerificationMethod> {
    vec![VerificationMethod::SasV1]
}

/// How far a comparison is.
fn stage(state: SasState) -> Stage {
    match state {
        SasState::KeysExchanged { emojis, decimals } => {
            let emoji = emojis.map(|emojis| {
                let emoji = emojis.emojis.iter().map(|emoji| Emoji {
                    symbol: emoji.symbol.to_owned(),
                    name: emoji.description.to_owned(),
                });
                emoji.collect()
            });
            Stage::Compare(Comparison {
                emoji: emoji.unwrap_or_default(),
                decimals: [decimals.0, decimals.1, decimals.2],
            })
        }
        SasState::Confirmed | SasState::Done { .. } => Stage::Confirmed,
        SasState::Cancelled(info) => ended(&info),
        SasState::Created { .. } | SasState::Started { .. } | SasState::Accepted { .. } => {
            Stage::Waiting
        }
    }
}

fn ended(info: &CancelInfo) -> Stage {
    let by_us = info.cancelled_by_us();
    match info.cancel_code().as_str() {
        "m.mismatched_sas" => Stage::Mismatched { by_us },
        code => Stage::Cancelled {
            by_us,
            code: excerpt(code),
            reason: reason(info),
        },
    }
}

/// The reason as a clause: the SDK's words are sentences for a client's window.
fn reason(info: &CancelInfo) -> String {
    let who = if info.cancelled_by_us() {
        "the bot"
    } else {
        "the other side"
    };
    match info.cancel_code().as_str() {
        "m.user" => format!("{who} ended it"),
        "m.timeout" => "it took too long".to_owned(),
        "m.accepted" => "another device of the account answered".to_owned(),
        "m.key_mismatch" | "m.user_mismatch" | "m.mismatched_commitment" => format!(
            "{who} found that the keys are not those that were promised: somebody may be in between"
        ),
        _ => excerpt(info.reason().trim_end_matches('.')),
    }
}

fn in_future(time: Duration) -> u64 {
    // Minutes.
    now().saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
