//! What is wrong with the device, and what a reset would keep and lose.

use serde_json::{Map, Value, json};

use super::{Reset, places::Places};
use crate::{
    commands::{recovery_key, stores::damage},
    config::{Matrix, Secret},
    error::{Error, Kind, Result},
    homeserver::tame,
    inbox::{Stored, Summary},
    session::{
        Credentials, Facts, IdentitySecrets, KeyStore, RoomKeys, StoreAccount, judge, older_copy,
        remembered_generation,
    },
};

/// The device that is to be replaced, as it was found.
pub(super) struct Diagnosis {
    pub(super) user_id: String,
    pub(super) device_id: String,
    /// Its name, as others see it.
    pub(super) device_name: Option<String>,
    /// The token, where it is this device's and works: with it the device is logged out.
    pub(super) token: Option<Secret>,
    /// Why it is to be replaced; `None` where it is sound.
    pub(super) fault: Option<String>,
    /// The room keys in its store, where it can be read.
    pub(super) room_keys: Option<RoomKeys>,
    /// Why its store cannot be read, where there is one.
    unreadable: Option<String>,
    /// The secrets of the account's identity in its store.
    pub(super) secrets: Option<IdentitySecrets>,
    /// The account's recovery key, where none is given and the keyring has it.
    pub(super) kept_key: Option<Secret>,
    unanswered: u64,
    /// How often the gateway was started with it.
    generation: u64,
}

impl Diagnosis {
    /// Looks at the device. The caller holds the lock; the old store is read from its copy.
    pub(super) async fn make(matrix: &Matrix, places: &Places, args: &Reset) -> Result<Self> {
        places.copy_old_store()?;
        let journal = journal(places).await;
        let mut diagnosis = Self {
            user_id: matrix.user_id()?.to_owned(),
            device_id: matrix.device_id()?.to_owned(),
            device_name: None,
            token: None,
            fault: None,
            room_keys: None,
            unreadable: None,
            secrets: None,
            kept_key: None,
            unanswered: journal.backlog.waiting,
            generation: journal.generation,
        };
        let account = match KeyStore::open(&places.copy()).await {
            Ok(store) => diagnosis.look_into(store).await,
            Err(error) => {
                diagnosis.unreadable = Some(error.to_string());
                None
            }
        };
        // The old store's secrets may be those of an identity that is no more.
        if !has_recovery_key(args) {
            diagnosis.kept_key = recovery_key::kept(&diagnosis.user_id);
        }
        diagnosis.ask(matrix, account).await?;
        if diagnosis.fault.is_none() {
            diagnosis.fault.clone_from(&diagnosis.unreadable);
        }
        if diagnosis.fault.is_none() {
            diagnosis.fault = damage(&places.copy()).await;
        }
        Ok(diagnosis)
    }

    /// Takes out of the store what the new device can use. Returns whose it is.
    async fn look_into(&mut self, store: Option<KeyStore>) -> Option<StoreAccount> {
        let store = store?;
        let account = store.account().clone();
        // The device must not be somebody else's, or its secrets would be given to the bot.
        if account.user_id == self.user_id {
            self.secrets = store.identity_secrets().await;
            match store.export().await {
                Ok(keys) => self.room_keys = Some(keys),
                Err(error) => self.unreadable = Some(error.to_string()),
            }
        }
        Some(account)
    }

    /// Asks the homeserver about the device.
    async fn ask(&mut self, matrix: &Matrix, store: Option<StoreAccount>) -> Result<()> {
        let credentials = match Credentials::new(matrix) {
            Ok(credentials) => credentials,
            Err(error) if error.kind() == Kind::NotLoggedIn => {
                self.fault = Some(error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let account = credentials.account()?;
        let facts = match Facts::gather(&account, &self.user_id, &self.device_id, store).await {
            Ok(facts) => facts,
            Err(error) if error.kind() == Kind::NotLoggedIn => {
                self.fault = Some(error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let is_own = facts.whoami.user_id == self.user_id
            && facts.whoami.device_id.as_ref() == Some(&self.device_id);
        if is_own {
            match account.device(&self.device_id).await? {
                Some(device) => {
                    self.device_name = device.display_name.map(|name| tame(&name, &[]));
                }
                None => {
                    self.fault = Some(format!("the homeserver has no device {}", self.device_id));
                }
            }
            self.token = Some(credentials.access_token);
        }
        if let Err(fault) = judge(&facts) {
            self.fault = Some(fault.explain(&facts).to_string());
        } else if is_own {
            let remembered = remembered_generation(&account, &self.user_id, &self.device_id);
            let older = older_copy(self.generation, remembered.await?);
            self.fault = older.map(|error| error.to_string()).or(self.fault.take());
        }
        Ok(())
    }

    /// Refuses to replace a device that works, unless that is what is wanted.
    pub(super) fn permit(&self, args: &Reset) -> Result<()> {
        if self.fault.is_some() || args.force {
            return Ok(());
        }
        Err(Error::failure(format!(
            "nothing is wrong with device {}: its keys are where they belong",
            self.device_id
        ))
        .hint("to see what is wrong: nanobot doctor; to replace it all the same: --force"))
    }

    /// What a reset would do, for a person.
    pub(super) fn describe(&self, args: &Reset) -> String {
        let name = self.named();
        let fault = match &self.fault {
            Some(fault) => fault.clone(),
            None => "it is sound".to_owned(),
        };
        let mut lines = vec![
            format!(
                "Device {name} of {} is to be replaced: {fault}.",
                self.user_id
            ),
            "Kept:".to_owned(),
        ];
        lines.extend(self.kept(args).iter().map(|line| format!("  {line}")));
        lines.push("Lost:".to_owned());
        lines.extend(self.lost(args).iter().map(|line| format!("  {line}")));
        lines.push("At the end:".to_owned());
        lines.push(format!("  {}", self.end(args)));
        lines.join("\n")
    }

    /// The same for a program.
    pub(super) fn json(&self, args: &Reset) -> Map<String, Value> {
        let fields = [
            ("user_id", json!(self.user_id)),
            ("old_device", json!(self.device_id)),
            ("needed", json!(self.fault.is_some())),
            ("fault", json!(self.fault)),
            ("keeps", json!(self.kept(args))),
            ("loses", json!(self.lost(args))),
            (
                "room_keys",
                json!(self.room_keys.as_ref().map_or(0, RoomKeys::count)),
            ),
            ("unanswered", json!(self.unanswered)),
            ("logs_out_old_device", json!(self.logs_out(args))),
        ];
        Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value)))
    }

    fn named(&self) -> String {
        match &self.device_name {
            Some(name) => format!("{} (\"{name}\")", self.device_id),
            None => self.device_id.clone(),
        }
    }

    fn kept(&self, args: &Reset) -> Vec<String> {
        let mut kept = vec![
            "the account, its rooms, and the rest of the configuration".to_owned(),
            "the old store, set aside".to_owned(),
        ];
        if let Some(keys) = &self.room_keys {
            kept.push(format!(
                "the old store's room keys, for reading earlier messages: {}",
                keys.count()
            ));
        }
        if self.unanswered > 0 {
            kept.push(format!(
                "messages that wait for an answer: {}",
                self.unanswered
            ));
        }
        if has_recovery_key(args) {
            kept.push("the account's identity, by the recovery key".to_owned());
        } else if self.secrets.is_some() && self.kept_key.is_some() {
            kept.push(
                "the account's identity, by the old store or the recovery key in the keyring, \
                 unless both are of an older one"
                    .to_owned(),
            );
        } else if self.secrets.is_some() {
            kept.push(
                "the account's identity, by the old store, unless it was replaced elsewhere"
                    .to_owned(),
            );
        } else if self.kept_key.is_some() {
            kept.push(
                "the account's identity, by the recovery key in the keyring, unless it is an old one"
                    .to_owned(),
            );
        }
        kept
    }

    fn lost(&self, args: &Reset) -> Vec<String> {
        let mut lost = vec!["messages that only the old device could still decrypt".to_owned()];
        if self.room_keys.is_none() {
            let why = self.unreadable.as_deref().unwrap_or("there is no store");
            lost.push(format!("the room keys, and unanswered messages: {why}"));
        }
        if !has_recovery_key(args) && self.secrets.is_none() && self.kept_key.is_none() {
            if args.reset_identity && !args.recovery {
                lost.push(
                    "the account's recovery key and its backup of room keys, if it has them: they \
                     belong to the old identity; for new ones: --recovery"
                        .to_owned(),
                );
            }
            lost.push(if args.reset_identity {
                "the account's identity: whoever verified the bot is warned, and has to verify it \
                 again"
                    .to_owned()
            } else {
                "the owner's word for the device, where the account has an identity: it stays \
                 unverified without --recovery-key-file or --reset-identity"
                    .to_owned()
            });
        }
        lost
    }

    fn logs_out(&self, args: &Reset) -> bool {
        self.token.is_some() && !args.keep_old_device
    }

    fn end(&self, args: &Reset) -> String {
        let name = self.named();
        if self.logs_out(args) {
            return format!(
                "device {name} is logged out. If it is another client of yours, such as Element, \
                 keep it: --keep-old-device"
            );
        }
        if args.keep_old_device {
            return format!("device {name} stays logged in");
        }
        format!("there is no token that works to log device {name} out with")
    }
}

pub(super) fn has_recovery_key(args: &Reset) -> bool {
    args.recovery_key_stdin || args.recovery_key_file.is_some()
}

/// What the old journal holds. One that cannot be read has nothing to give.
async fn journal(places: &Places) -> Summary {
    match Summary::read(&places.copy()).await {
        Ok(Some(Stored::Sound { summary, .. })) => summary,
        Ok(_) => Summary::default(),
        Err(error) => {
            tracing::warn!(%error, "cannot tell whether messages were not answered");
            Summary::default()
        }
    }
}
