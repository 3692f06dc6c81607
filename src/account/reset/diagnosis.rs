//! What is wrong with the device, and what a reset would keep and lose.

use std::fmt;

use serde::Serialize;

use super::{
    Options,
    outlook::{AtHand, Outlook},
    places::Places,
};
use crate::{
    account::{
        archive::{damage, journal_summary},
        recovery_key::from_keyring,
    },
    config::{Matrix, Secret},
    error::{Error, Kind, Result},
    session::{
        Credentials, DeviceState, IdentitySecrets, KeyStore, RoomKeys, StoreAccount, older_copy,
        remembered_generation,
    },
    text::{counted, excerpt},
};

/// The device to replace, as it was found.
#[derive(Default)]
pub struct Diagnosis {
    pub user_id: String,
    pub device_id: String,
    /// Its name, as others see it.
    pub device_name: Option<String>,
    /// The token, where it is this device's and works: with it the device is logged out.
    pub token: Option<Secret>,
    /// What is wrong with it; `None` where it is healthy.
    pub fault: Option<String>,
    /// The room keys in its store, where it can be read.
    pub room_keys: Option<RoomKeys>,
    has_store: bool,
    /// Why its store cannot be read, where there is one.
    unreadable: Option<String>,
    /// The secrets of the account's identity in its store.
    pub secrets: Option<IdentitySecrets>,
    /// The account's recovery key, where none is given and the keyring has it.
    pub kept_key: Option<Secret>,
    /// What will restore the account's identity.
    outlook: Outlook,
    /// Whether somebody can be asked for the recovery key.
    is_interactive: bool,
    unanswered: u64,
    /// How often the gateway was started with it.
    generation: u64,
}

impl Diagnosis {
    /// Examines the device. The caller holds the lock; the old store is read from its copy.
    pub async fn make(
        matrix: &Matrix,
        places: &Places,
        options: &Options,
        is_interactive: bool,
    ) -> Result<Self> {
        places.copy_old_store()?;
        let journal = journal_summary(&places.copy).await;
        let mut diagnosis = Self {
            user_id: matrix.user_id()?.to_owned(),
            device_id: matrix.device_id()?.to_owned(),
            unanswered: journal.backlog.waiting,
            generation: journal.generation,
            is_interactive,
            ..Self::default()
        };
        let account = match KeyStore::open(&places.copy).await {
            Ok(store) => diagnosis.look_into(store).await,
            Err(error) => {
                diagnosis.unreadable = Some(error.to_string());
                None
            }
        };
        diagnosis.has_store = account.is_some() || diagnosis.unreadable.is_some();
        // The old store's secrets may be those of an identity that is no more.
        if options.recovery_key.is_none() {
            diagnosis.kept_key = from_keyring(&diagnosis.user_id);
        }
        match diagnosis.ask(matrix, account, options, places).await {
            // Without a login nothing can be asked.
            Err(error) if error.kind() == Kind::NotLoggedIn && diagnosis.token.is_none() => {
                diagnosis.fault = Some(error.to_string());
            }
            asked => asked?,
        }
        if diagnosis.fault.is_none() {
            diagnosis.fault = match &diagnosis.unreadable {
                Some(why) => Some(why.clone()),
                None => damage(&places.copy).await,
            };
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
    async fn ask(
        &mut self,
        matrix: &Matrix,
        store: Option<StoreAccount>,
        options: &Options,
        places: &Places,
    ) -> Result<()> {
        let credentials = Credentials::new(matrix)?;
        let account = credentials.account()?;
        let state = DeviceState::ask(&account, &self.user_id, &self.device_id, store).await?;
        let is_own = state.whoami.user_id == self.user_id
            && state.whoami.device_id.as_ref() == Some(&self.device_id);
        if is_own {
            let at_hand = AtHand {
                options,
                secrets: self.secrets.as_ref(),
                keyring_key: self.kept_key.as_ref(),
            };
            self.outlook = Outlook::find(&credentials, at_hand, &places.directory).await?;
            self.token = Some(credentials.access_token);
            match account.device(&self.device_id).await? {
                Some(device) => {
                    self.device_name = device.display_name.map(|name| excerpt(&name));
                }
                None => {
                    self.fault = Some(format!("the homeserver has no device {}", self.device_id));
                }
            }
        }
        if let Err(fault) = state.check() {
            self.fault = Some(fault.to_string());
        } else if is_own {
            let remembered = remembered_generation(&account, &self.user_id, &self.device_id);
            let older = older_copy(self.generation, remembered.await?);
            self.fault = older.map(|error| error.to_string()).or(self.fault.take());
        }
        Ok(())
    }

    /// Refuses to replace a device that works, unless that is what is wanted.
    pub fn permit(&self, options: &Options) -> Result<()> {
        if self.fault.is_some() || options.force {
            return Ok(());
        }
        Err(Error::failure(format!(
            "device {} is healthy: there is nothing to reset",
            self.device_id
        ))
        .hint("add --force to replace it anyway, or check the bot first")
        .command("nanobot doctor"))
    }

    /// What a reset would do.
    pub fn plan(&self, options: &Options) -> Plan {
        let name = match &self.device_name {
            Some(name) => format!("{} (\"{name}\")", self.device_id),
            None => self.device_id.clone(),
        };
        let keep_old_device = options.choices.keep_old_device;
        let logs_out_old_device = self.token.is_some() && !keep_old_device;
        Plan {
            user_id: self.user_id.clone(),
            old_device: self.device_id.clone(),
            needed: self.fault.is_some(),
            fault: self.fault.clone(),
            keeps: self.kept(options),
            loses: self.lost(options),
            room_keys: self.room_keys.as_ref().map_or(0, RoomKeys::count),
            unanswered: self.unanswered,
            logs_out_old_device,
            end: if logs_out_old_device {
                format!(
                    "device {name} is logged out. If another client, such as Element, still uses \
                     it, add --keep-old-device"
                )
            } else if keep_old_device {
                format!("device {name} stays logged in")
            } else {
                format!("device {name} is not logged out: there is no valid access token for it")
            },
            name,
        }
    }

    fn kept(&self, options: &Options) -> Vec<String> {
        let mut kept = vec!["the account, its rooms, and the rest of the configuration".to_owned()];
        if self.has_store {
            kept.push("the old store, as an archive".to_owned());
        }
        if let Some(keys) = &self.room_keys {
            kept.push(format!(
                "{} of the old store, for reading earlier messages",
                counted(keys.count() as u64, "room key")
            ));
        }
        if self.unanswered > 0 {
            kept.push(counted(self.unanswered, "unanswered message"));
        }
        if self.outlook != Outlook::Unknown {
            kept.extend(self.outlook.kept().map(str::to_owned));
            return kept;
        }
        let identity = match (
            &options.recovery_key,
            self.secrets.is_some(),
            &self.kept_key,
        ) {
            (Some(_), ..) => "restored with the recovery key",
            (None, true, Some(_)) => {
                "from the old store or with the recovery key in the keyring, unless it was \
                 replaced elsewhere"
            }
            (None, true, None) => "from the old store, unless it was replaced elsewhere",
            (None, false, Some(_)) => {
                "restored with the recovery key in the keyring, unless it was replaced elsewhere"
            }
            (None, false, None) => return kept,
        };
        kept.push(format!("the cross-signing identity, {identity}"));
        kept
    }

    fn lost(&self, options: &Options) -> Vec<String> {
        let mut lost = vec!["messages that only the old device could still decrypt".to_owned()];
        if self.room_keys.is_none() {
            let why = self.unreadable.as_deref().unwrap_or(if self.has_store {
                "the store belongs to another account"
            } else {
                "there is no store"
            });
            lost.push(format!("the room keys, and unanswered messages: {why}"));
        }
        let choices = options.choices;
        let has_key = options.recovery_key.is_some() || self.kept_key.is_some();
        let identity = match self.outlook {
            Outlook::Unknown if has_key || self.secrets.is_some() => None,
            // What the account has is known when the new device is logged in.
            Outlook::Unknown => {
                Outlook::MissingKey.lost(choices.reset_identity, self.is_interactive)
            }
            outlook => outlook.lost(choices.reset_identity, self.is_interactive),
        };
        let is_replaced = identity.is_some() && choices.reset_identity;
        if is_replaced && !choices.recovery {
            lost.push(
                "the recovery key and the backup of room keys, if the account has them; \
                 --recovery creates new ones"
                    .to_owned(),
            );
        }
        lost.extend(identity);
        lost
    }
}

/// What a reset would do.
#[derive(Serialize)]
pub struct Plan {
    user_id: String,
    old_device: String,
    needed: bool,
    fault: Option<String>,
    keeps: Vec<String>,
    loses: Vec<String>,
    room_keys: usize,
    unanswered: u64,
    logs_out_old_device: bool,
    /// The device for a person, and what becomes of it.
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    end: String,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, user_id) = (&self.name, &self.user_id);
        let fault = self.fault.as_deref().unwrap_or("it is healthy");
        writeln!(f, "Device {name} of {user_id} will be replaced: {fault}.")?;
        for (heading, lines) in [("Kept:", &self.keeps), ("Lost:", &self.loses)] {
            writeln!(f, "{heading}")?;
            for line in lines {
                writeln!(f, "  {line}")?;
            }
        }
        write!(f, "At the end:\n  {}", self.end)
    }
}
