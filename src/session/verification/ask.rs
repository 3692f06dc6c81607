//! Asking somebody for a verification.

use matrix_sdk::{
    encryption::{
        identities::{Device, RequestVerificationError, UserIdentity},
        verification::VerificationRequest,
    },
    ruma::{OwnedDeviceId, UserId},
};

use super::{
    desk::Desk,
    flow::{Flow, methods},
};
use crate::{
    error::{Error, Result},
    instance::Verification,
    session::failure::translate,
};

const ASK_KEYS: &str = "ask for the keys of who is to be verified";
const ASK: &str = "ask for a verification";
const NAME_DEVICE: &str = "name one of their devices: nanobot verify USER --device ID";

impl Desk {
    pub(super) async fn start(
        &self,
        user_id: &str,
        device_id: Option<&str>,
    ) -> Result<Verification> {
        let user_id = UserId::parse(user_id).map_err(|error| {
            Error::failure(format!("{user_id} is not a user id")).because(error)
        })?;
        self.check_room_for(&user_id)?;
        let encryption = self.client.encryption();
        let identity = encryption.request_user_identity(&user_id).await;
        let identity = identity.map_err(|error| translate(ASK_KEYS, &error))?;
        let request = match device_id {
            Some(device_id) => self.ask_device(&user_id, device_id).await?,
            None => self.ask_user(&user_id, identity).await?,
        };
        let flow = Flow::new(user_id, request.flow_id().to_owned(), Some(request));
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

    async fn ask_device(&self, user_id: &UserId, device_id: &str) -> Result<VerificationRequest> {
        let id = OwnedDeviceId::from(device_id);
        let device = self.client.encryption().get_device(user_id, &id).await;
        let device = device.map_err(|error| translate(ASK_KEYS, &error.into()))?;
        let Some(device) = device.filter(|device| self.is_another(device)) else {
            return Err(Error::failure(format!(
                "{user_id} has no other device {device_id} with encryption"
            )));
        };
        let asked = device.request_verification_with_methods(methods()).await;
        asked.map_err(|error| translate(ASK, &error))
    }

    async fn ask_user(
        &self,
        user_id: &UserId,
        identity: Option<UserIdentity>,
    ) -> Result<VerificationRequest> {
        let devices = self.client.encryption().get_user_devices(user_id).await;
        let devices = devices.map_err(|error| translate(ASK_KEYS, &error))?;
        // Of its own account's devices, the SDK asks those that their owner vouches for.
        let can_answer = |device: Device| {
            self.is_another(&device)
                && (user_id != self.own_id || device.is_cross_signed_by_owner())
        };
        if !devices.devices().any(can_answer) {
            let words = format!("{user_id} has no other device that could answer");
            return Err(Error::failure(words).hint(NAME_DEVICE));
        }
        let Some(identity) = identity else {
            let words = format!("{user_id} has no cross-signing identity");
            return Err(Error::failure(words).hint(NAME_DEVICE));
        };
        let asked = identity.request_verification_with_methods(methods()).await;
        asked.map_err(|error| match error {
            RequestVerificationError::Sdk(error) => translate(ASK, &error),
            error @ RequestVerificationError::RoomCreation(_) => {
                Error::failure(format!("cannot {ASK}")).because(error)
            }
        })
    }

    /// Whether it is not this one.
    fn is_another(&self, device: &Device) -> bool {
        device.user_id() != self.own_id || Some(device.device_id()) != self.client.device_id()
    }
}
