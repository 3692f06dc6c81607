//! All that a login knows before there is a device.

use std::path::PathBuf;

use super::{
    find::{Target, find, find_again},
    missing::Missing,
    prompts,
};
use crate::{
    account::{
        identity::Request,
        options::Options,
        secret_input::{SecretSource, doubt, password},
        token_store::AccessTokenStore,
    },
    config::{Document, Matrix, Paths, Secret, environment},
    error::{Error, Result},
    homeserver::{self, Failure},
    ipc::{Lock, refuse_unfinished_reset},
    terminal::Progress,
};

/// How the bot's device is called where nobody says.
const DEVICE_NAME: &str = "nanobot";

/// All that a login knows before there is a device, and what keeps other processes out meanwhile.
pub(crate) struct Context {
    pub(super) options: Options,
    /// The configuration before the login.
    pub(super) matrix: Matrix,
    /// Where the bot's store is.
    pub(super) store: PathBuf,
    pub(super) target: Target,
    pub(super) transport: homeserver::Options,
    /// The user's password; or with `token_stdin` a token.
    pub(super) secret: Secret,
    pub(super) device_name: String,
    /// Who may talk to the bot, if anyone is named.
    pub(super) allow_from: Option<Vec<String>>,
    /// Whether it reads and answers in encrypted rooms, where that is said.
    pub(super) e2ee: Option<bool>,
    pub(super) identity: Request,
    pub(super) token_store: AccessTokenStore,
    pub(super) progress: Progress,
    pub(super) lock: Lock,
}

impl Context {
    /// Reads and asks for what the login has to know besides the password, and locks the data
    /// directory.
    pub(super) async fn prepare(
        options: &Options,
        paths: &Paths,
        document: &mut Document,
    ) -> Result<Self> {
        let matrix = document.matrix(&environment)?;
        if !options.terminal.is_interactive() {
            Missing::of_login(options, &matrix)?.refuse()?;
        }
        if !options.guided {
            // Nobody will be asked, so what is missing is said before anything is done.
            prompts::allow_from(options, &matrix, None).await?;
        }
        // Before anything is written.
        let token_store = AccessTokenStore::choose(options.token_store, &matrix)?;
        let lock = Lock::acquire(paths.dir())?;
        refuse_unfinished_reset(paths.dir())?;
        let mut now = options.clone();
        if options.stepwise {
            // The step of the identity reads the key.
            now.recovery_key = None;
        }
        let identity = Request::read(&now, paths.dir()).await?;
        let transport = homeserver::Options {
            proxy: matrix.proxy()?.cloned(),
            allow_http: options.allow_http,
            ..homeserver::Options::default()
        };
        let target = find(options, &matrix, &transport).await?;
        if options.stepwise && options.guided {
            remember(document, &target)?;
        }
        let (allow_from, e2ee) = if options.stepwise && options.guided {
            (None, None)
        } else {
            let allow_from = prompts::allow_from(options, &matrix, Some(&target.user)).await?;
            let e2ee = prompts::e2ee(options, &matrix, true).await?;
            (allow_from, Some(e2ee))
        };
        let secret = if options.token_stdin {
            SecretSource::Stdin.read("token").await?
        } else {
            let source = options.password.as_ref();
            password(source, &matrix, &target.user, options.terminal).await?
        };
        Ok(Self {
            options: options.clone(),
            matrix,
            store: paths.store(),
            target,
            transport,
            secret,
            device_name: options
                .device_name
                .clone()
                .unwrap_or_else(|| DEVICE_NAME.to_owned()),
            allow_from,
            e2ee,
            identity,
            token_store,
            progress: Progress::start("Reading the encryption store"),
            lock,
        })
    }

    /// Asks again for user and password after a login that was refused, where a person typed them
    /// and can correct them. Returns the error where that is not so.
    pub(super) async fn correct(&mut self, error: Error) -> Result<()> {
        let Some(failure) = error.cause::<Failure>() else {
            return Err(error);
        };
        let terminal = self.options.terminal;
        let is_typed = self.options.password.is_none() && self.matrix.password()?.is_none();
        if !(is_typed && terminal.is_interactive()) {
            return Err(error);
        }
        self.progress.pause();
        terminal.note(&format!("  {failure}"));
        if let Some(doubt) = doubt(&self.secret) {
            terminal.note(&format!("  Check the password: {doubt}."));
        }
        let before = self.target.clone();
        self.target = find_again(&self.options, &self.transport, before).await?;
        self.secret = password(None, &self.matrix, &self.target.user, terminal).await?;
        Ok(())
    }

    /// The password, for a homeserver that asks for it again.
    pub(super) fn password(&self) -> Option<&Secret> {
        (!self.options.token_stdin).then_some(&self.secret)
    }

    /// Whether this id is the user that was typed, in full or only the localpart.
    pub(super) fn is_user(&self, user_id: &str) -> bool {
        prompts::is_same_user(user_id, &self.target.user)
    }
}

/// Writes the account down before there is a login, where the file has none: whoever leaves goes on
/// from here the next time.
fn remember(document: &mut Document, target: &Target) -> Result<()> {
    let matrix = document.matrix(&environment)?;
    let has_login = matrix.device_id_if_set()?.is_some() || matrix.access_token().is_ok();
    if has_login {
        return Ok(());
    }
    let homeserver = target.discovery.homeserver.base_url.as_str();
    document.matrix_set("homeserver", homeserver.trim_end_matches('/'))?;
    if prompts::is_full_id(&target.user) {
        document.matrix_set("userId", target.user.as_str())?;
    }
    document.save().map(drop)
}
