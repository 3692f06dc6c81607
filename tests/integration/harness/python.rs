//! A Python virtual environment under the target directory, made on first use and kept.
//!
//! Nothing here depends on the rest of the harness, so that the demo can include this file too.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

const SYNAPSE_REQUIREMENTS: &str = include_str!("requirements-synapse.txt");
const ALL_REQUIREMENTS: &str = include_str!("requirements.txt");
const NANOBOT_REQUIREMENTS: &str = include_str!("requirements-nanobot.txt");
const NATS_REQUIREMENTS: &str = include_str!("requirements-nats.txt");
const HARNESS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/harness");

/// What has to be importable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packages {
    /// The homeserver alone (`requirements-synapse.txt`).
    Synapse,
    /// Everything the tests need (`requirements.txt`).
    All,
    /// The Python tool (`requirements-nanobot.txt`), whose packages are at odds with the others'.
    Nanobot,
    /// The message broker (`requirements-nats.txt`).
    Nats,
}

/// An interpreter whose environment holds the wanted packages.
#[derive(Clone, Debug)]
pub struct Python {
    interpreter: PathBuf,
}

impl Python {
    /// Makes the environment unless an earlier run completed it, telling `progress` what happens.
    ///
    /// Safe against other processes doing the same: they wait for one another.
    ///
    /// # Errors
    ///
    /// A sentence for a person, with the package to install when Python itself is incomplete.
    pub fn prepare(packages: Packages, progress: &dyn Fn(&str)) -> Result<Self, String> {
        let all = environment_dir(Packages::All);
        let apart = [Packages::Nanobot, Packages::Nats].contains(&packages);
        if !apart && is_complete(&all) {
            return Ok(Self::in_environment(&all));
        }
        let dir = environment_dir(packages);
        make_once(&dir, &is_complete, progress, |lock| {
            build(&dir, packages, lock, progress)
        })?;
        Ok(Self::in_environment(&dir))
    }

    fn in_environment(dir: &Path) -> Self {
        Self {
            interpreter: dir.join("bin").join("python"),
        }
    }

    /// The interpreter's path.
    #[must_use]
    pub fn interpreter(&self) -> &Path {
        &self.interpreter
    }

    /// A command that runs this interpreter, untouched by the caller's Python settings and proxies.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        command.env("PYTHONUNBUFFERED", "1");
        for name in ["PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP"] {
            command.env_remove(name);
        }
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command
    }

    /// A command that runs one of the harness's own Python files.
    #[must_use]
    pub fn script(&self, name: &str) -> Command {
        let mut command = self.command();
        command.arg(Path::new(HARNESS).join(name));
        command
    }
}

/// Makes a directory unless it is complete. Other processes that do the same are waited for, told to `progress`.
///
/// # Errors
///
/// What failed, as a sentence for a person.
pub fn make_once(
    dir: &Path,
    is_complete: &dyn Fn(&Path) -> bool,
    progress: &dyn Fn(&str),
    build: impl FnOnce(&File) -> Result<(), String>,
) -> Result<(), String> {
    let parent = dir.parent().expect("it is inside the target directory");
    fs::create_dir_all(parent).map_err(|e| format!("cannot create {}: {e}", parent.display()))?;
    let lock_path = dir.with_extension("lock");
    let lock = File::create(&lock_path)
        .map_err(|e| format!("cannot create {}: {e}", lock_path.display()))?;
    if lock.try_lock().is_err() {
        progress(&format!(
            "Waiting for another process that prepares {}",
            dir.display()
        ));
        lock.lock()
            .map_err(|e| format!("cannot lock {}: {e}", lock_path.display()))?;
    }
    if is_complete(dir) {
        return Ok(());
    }
    if let Err(error) = fs::remove_dir_all(dir)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(format!(
            "cannot remove the incomplete {}: {error}",
            dir.display()
        ));
    }
    build(&lock)
}

/// The start of the SHA-256 of these texts, for the name of a directory made from them.
#[must_use]
pub fn short_hash(texts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text);
    }
    let bytes: [u8; 32] = digest.finalize().into();
    bytes
        .iter()
        .take(6)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The directory Cargo builds into.
#[must_use]
pub fn target_dir() -> PathBuf {
    let manifest_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    manifest_dir.join(name)
}

fn environment_dir(packages: Packages) -> PathBuf {
    let hash = match packages {
        Packages::Synapse => short_hash(&[SYNAPSE_REQUIREMENTS]),
        Packages::All => short_hash(&[SYNAPSE_REQUIREMENTS, ALL_REQUIREMENTS]),
        Packages::Nanobot => short_hash(&[NANOBOT_REQUIREMENTS]),
        Packages::Nats => short_hash(&[NATS_REQUIREMENTS]),
    };
    target_dir().join(format!("test-python-{hash}"))
}

fn is_complete(dir: &Path) -> bool {
    // The interpreter is a link to the system's, which an upgrade may have taken away.
    dir.join(".complete").exists() && dir.join("bin").join("python").exists()
}

fn build(
    dir: &Path,
    packages: Packages,
    lock: &File,
    progress: &dyn Fn(&str),
) -> Result<(), String> {
    check_system_python()?;
    progress("Creating a Python virtual environment");
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(dir);
    run(venv, lock, &|_| ())?;

    let file = match packages {
        Packages::Synapse => "requirements-synapse.txt",
        Packages::All => "requirements.txt",
        Packages::Nanobot => "requirements-nanobot.txt",
        Packages::Nats => "requirements-nats.txt",
    };
    progress("Installing Python packages from PyPI");
    let mut pip = Command::new(dir.join("bin").join("python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "-r",
    ])
    .arg(Path::new(HARNESS).join(file));
    run(pip, lock, &|line| {
        // "Collecting attrs>=19.2 (from …)", "Installing collected packages: …": the start is enough.
        let start = line
            .split([':', '(', '<', '>', '=', '!', '~'])
            .next()
            .unwrap_or(line);
        if ["Collecting ", "Building ", "Installing "]
            .iter()
            .any(|word| start.starts_with(word))
        {
            progress(start.trim_end());
        }
    })?;
    File::create(dir.join(".complete"))
        .map_err(|e| format!("cannot finish {}: {e}", dir.display()))?;
    Ok(())
}

fn check_system_python() -> Result<(), String> {
    let probe = "import sys\n\
                 if sys.version_info < (3, 10): sys.exit(3)\n\
                 try: import venv, ensurepip\n\
                 except ImportError: sys.exit(4)";
    let status = match Command::new("python3").args(["-c", probe]).status() {
        Ok(status) => status,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err("python3 was not found; install Python 3.10 or newer \
                        (Debian, Ubuntu: apt install python3 python3-venv)"
                .to_owned());
        }
        Err(error) => return Err(format!("cannot run python3: {error}")),
    };
    match status.code() {
        Some(0) => Ok(()),
        Some(3) => {
            Err("python3 is older than 3.10, which Synapse needs; install a newer one".to_owned())
        }
        Some(4) => Err(
            "python3 cannot make virtual environments; install the package python3-venv \
                        (Debian, Ubuntu: apt install python3-venv)"
                .to_owned(),
        ),
        _ => Err(format!("python3 does not work: {status}")),
    }
}

/// Runs to the end, handing over every line of standard output; the error holds all output.
///
/// The command holds the lock too, by inheriting it: if this process is killed, the next one has to wait until the
/// command no longer writes.
///
/// # Errors
///
/// When it fails, with all its output.
pub fn run(mut command: Command, lock: &File, on_line: &dyn Fn(&str)) -> Result<(), String> {
    let shown = format!("{command:?}");
    let failed = |why: String| format!("{shown} failed: {why}");
    let lock = lock.try_clone().map_err(|e| failed(e.to_string()))?;
    let mut child = command
        .stdin(lock)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| failed(e.to_string()))?;
    let mut stderr = child.stderr.take().expect("it is piped");
    let errors = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could be read is all there is to show.
        let _ = stderr.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let mut output = String::new();
    for line in BufReader::new(child.stdout.take().expect("it is piped")).lines() {
        let line = line.map_err(|e| failed(e.to_string()))?;
        on_line(&line);
        output.push_str(&line);
        output.push('\n');
    }
    let status = child.wait().map_err(|e| failed(e.to_string()))?;
    let errors = errors.join().unwrap_or_default();
    if status.success() {
        Ok(())
    } else {
        Err(failed(format!("{status}\n{output}{errors}")))
    }
}
