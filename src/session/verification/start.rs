//! Asking somebody for a verification.

use matrix_sdk::{
    encryption::{
        identities::{Device, RequestVerificationError, UserIdentity},
        verification::VerificationRequest,
    },
    ruma::{OwnedDeviceId, UserId},
};

use super::{
    flow::{Flow, methods},
    registry::{Registry, see_list},
};
use crate::{
    error::{Error, Result},
    ipc::Verification,
    session::sdk::{self, SdkError},
};

const ASK_KEYS: &str = "ask for the keys of who is to be verified";
const ASK: &str = "ask for a verification";

impl Registry {
    /// Asks a user for a verification, in the room that the bot and they have alone; it is made
    /// if there is none. With a device, or for the bot's own account, devices are asked directly.
    ///
    /// # Errors
    ///
    /// When there is nobody to ask, one with them is under way, or the homeserver refuses or
    /// cannot be reached.
    pub async fn start(&self, user_id: &str, device_id: Option<&str>) -> Result<Verification> {
        let user_id = sdk::user_id(user_id)?;
        self.check_room_for(&user_id)?;
        let encryption = self.client.encryption();
        let identity = sdk::call(ASK_KEYS, encryption.request_user_identity(&user_id)).await?;
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
            let words = format!("a verification with {user_id} is under way");
            return Err(Error::failure(words)
                .hint(format!(
                    "end it with `nanobot verify deny {id}`, or go on with it"
                ))
                .command("nanobot verify"));
        }
        if self.is_full() {
            let words = "too many verifications are under way";
            return Err(see_list(Error::failure(words)));
        }
        Ok(())
    }

    async fn ask_device(&self, user_id: &UserId, device_id: &str) -> Result<VerificationRequest> {
        let id = OwnedDeviceId::from(device_id);
        let encryption = self.client.encryption();
        let device = sdk::call(ASK_KEYS, encryption.get_device(user_id, &id)).await?;
        let Some(device) = device.filter(|device| self.is_another(device)) else {
            return Err(Error::failure(format!(
                "{user_id} has no other device {device_id} with encryption"
            )));
        };
        let asking = device.request_verification_with_methods(methods());
        Ok(sdk::call(ASK, asking).await?)
    }

    async fn ask_user(
        &self,
        user_id: &UserId,
        identity: Option<UserIdentity>,
    ) -> Result<VerificationRequest> {
        let encryption = self.client.encryption();
        let devices = sdk::call(ASK_KEYS, encryption.get_user_devices(user_id)).await?;
        // Of its own account's devices, the SDK asks those that their owner vouches for.
        let can_answer = |device: Device| {
            self.is_another(&device)
                && (user_id != self.own_id || device.is_cross_signed_by_owner())
        };
        let name_device = |words: String| {
            Error::failure(words)
                .hint("name one of their devices")
                .command("nanobot verify USER --device ID")
        };
        if !devices.devices().any(can_answer) {
            let words = format!("{user_id} has no other device that could answer");
            return Err(name_device(words));
        }
        let Some(identity) = identity else {
            let words = format!("{user_id} has no cross-signing identity");
            return Err(name_device(words));
        };
        let asked = Box::pin(identity.request_verification_with_methods(methods())).await;
        asked.map_err(|error| match error {
            RequestVerificationError::Sdk(error) => SdkError::new(ASK, error).into(),
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
