//! How often a program has the disk keep something, counted by what is preloaded into it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::python::{make_once, short_hash, target_dir};

const SOURCE: &str = include_str!("fsyncs.c");

/// The count of one program.
#[derive(Clone, Debug)]
pub struct Fsyncs(PathBuf);

impl Fsyncs {
    /// Counts in a file of this directory.
    pub fn in_dir(dir: &Path) -> Self {
        Self(dir.join("fsyncs"))
    }

    /// What has a program count, added to its environment.
    ///
    /// # Panics
    ///
    /// When what is preloaded cannot be built.
    pub fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [("LD_PRELOAD", library()), ("FSYNCS", self.0.clone())]
    }

    /// How many there were until now.
    pub fn count(&self) -> u64 {
        fs::metadata(&self.0).map_or(0, |file| file.len())
    }
}

/// The library to preload, built on first use.
fn library() -> PathBuf {
    let dir = target_dir().join(format!("test-fsyncs-{}", short_hash(&[SOURCE])));
    let library = dir.join("fsyncs.so");
    let built = make_once(&dir, &|dir| dir.join("fsyncs.so").exists(), &|_| {}, |_| {
        compile(&dir)
    });
    built.unwrap_or_else(|error| panic!("{error}"));
    library
}

fn compile(dir: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    fs::create_dir_all(dir).map_err(failed)?;
    let source = dir.join("fsyncs.c");
    fs::write(&source, SOURCE).map_err(failed)?;
    let half = dir.join("fsyncs.part");
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-o"])
        .args([&half, &source])
        .status()
        .map_err(|error| format!("cannot run cc, the C compiler: {error}"))?;
    if !status.success() {
        return Err(format!("cc ended with {status}"));
    }
    fs::rename(half, dir.join("fsyncs.so")).map_err(failed)
}
