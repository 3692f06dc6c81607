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
    homeserver::tame,
    instance::{Comparison, Emoji, Stage, Verification, now},
    session::transfer::new_device_id,
};

/// How long a request is good (spec, "Key verification framework").
const REQUEST_LIMIT: Duration = Duration::from_mins(10);
/// How long either side's SDK waits between two messages once a comparison has begun.
const COMPARISON_LIMIT: Duration = Duration::from_mins(1);

/// A verification and the SDK's handles on it. Clones share the handles.
#[derive(Clone)]
pub(super) struct Flow {
    pub(super) user_id: OwnedUserId,
    /// The protocol's name of it.
    pub(super) transaction: String,
    pub(super) view: Verification,
    /// What a person said of the comparison.
    pub(super) decision: Option<bool>,
    /// `None` where the other side started without asking.
    pub(super) request: Option<VerificationRequest>,
    pub(super) sas: Option<SasVerification>,
    /// What follows from it is being looked at.
    pub(super) concluding: bool,
}

/// How far a verification is, as the SDK has it.
pub(super) enum Progress {
    Waiting,
    Compare(Comparison),
    Confirmed,
    Done,
    Ended(Stage),
}

impl Flow {
    pub(super) fn new(
        user_id: OwnedUserId,
        transaction: String,
        request: Option<VerificationRequest>,
    ) -> Self {
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
    pub(super) fn come_to(&mut self, stage: Stage) -> bool {
        let is_news = self.view.stage != stage;
        if is_news {
            self.view.expires_at = in_future(COMPARISON_LIMIT);
            self.view.stage = stage;
        }
        is_news
    }

    /// Whether this is not what it was that somebody is comparing. Then their answer would be about
    /// something else: the other side may begin anew under the same name.
    pub(super) fn is_exchanged(&self, progress: &Progress) -> bool {
        let Stage::Compare(shown) = &self.view.stage else {
            return false;
        };
        match progress {
            Progress::Waiting => true,
            Progress::Compare(now) => now != shown,
            _ => false,
        }
    }

    /// Does what is this side's turn, and says how far it is then.
    pub(super) async fn advance(&mut self) -> matrix_sdk::Result<Progress> {
        if let Some(ended) = self.advance_request().await? {
            return Ok(ended);
        }
        let Some(sas) = &self.sas else {
            return Ok(Progress::Waiting);
        };
        match (sas.state(), self.decision) {
            (SasState::Started { .. }, None) => sas.accept().await?,
            (SasState::KeysExchanged { .. }, Some(true)) => sas.confirm().await?,
            (SasState::KeysExchanged { .. }, Some(false)) => sas.mismatch().await?,
            // Nothing was compared.
            (
                SasState::Created { .. } | SasState::Started { .. } | SasState::Accepted { .. },
                Some(_),
            ) => sas.cancel().await?,
            _ => {}
        }
        Ok(progress(sas))
    }

    /// The part before emoji come into it. How it ended, where it did.
    async fn advance_request(&mut self) -> matrix_sdk::Result<Option<Progress>> {
        let Some(request) = &self.request else {
            return Ok(None);
        };
        // The other side's word that it is done counts only once the comparison is.
        if self.sas.is_none() && self.decision == Some(false) {
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
                return Ok(Some(Progress::Ended(ended(&info))));
            }
            _ => {}
        }
        Ok(None)
    }

    /// Ends it for the other side too, where that is possible.
    pub(super) async fn give_up(&self) {
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
    pub(super) fn device_id(&self) -> Option<String> {
        if let Some(sas) = &self.sas {
            return Some(sas.other_device().device_id().to_string());
        }
        match self.request.as_ref()?.state() {
            VerificationRequestState::Requested {
                other_device_data, ..
            }
            | VerificationRequestState::Ready {
                other_device_data, ..
            } => Some(other_device_data.device_id().to_string()),
            _ => None,
        }
    }
}

/// How the bot compares: it has no camera for codes.
pub(super) fn methods() -> Vec<VerificationMethod> {
    vec![VerificationMethod::SasV1]
}

fn progress(sas: &SasVerification) -> Progress {
    match sas.state() {
        SasState::KeysExchanged { emojis, decimals } => {
            let emoji = emojis.map(|emojis| {
                let emoji = emojis.emojis.iter().map(|emoji| Emoji {
                    symbol: emoji.symbol.to_owned(),
                    name: emoji.description.to_owned(),
                });
                emoji.collect()
            });
            Progress::Compare(Comparison {
                emoji: emoji.unwrap_or_default(),
                decimals: [decimals.0, decimals.1, decimals.2],
            })
        }
        SasState::Confirmed => Progress::Confirmed,
        SasState::Done { .. } => Progress::Done,
        SasState::Cancelled(info) => Progress::Ended(ended(&info)),
        SasState::Created { .. } | SasState::Started { .. } | SasState::Accepted { .. } => {
            Progress::Waiting
        }
    }
}

fn ended(info: &CancelInfo) -> Stage {
    let by_us = info.cancelled_by_us();
    match info.cancel_code().as_str() {
        "m.mismatched_sas" => Stage::Mismatched { by_us },
        code => Stage::Cancelled {
            by_us,
            code: tame(code, &[]),
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
        _ => tame(info.reason().trim_end_matches('.'), &[]),
    }
}

fn in_future(time: Duration) -> u64 {
    // Minutes.
    now().saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
