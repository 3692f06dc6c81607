//! A program run by a test, its output collected while it runs.

use std::future::ready;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::eventually::{PATIENCE, eventually};
use super::output::{Output, show};
use super::reaper;
use super::record::{Record, Recorder};

/// How long the pipes of a program that ended may stay open (in a child of its own).
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: u32,
    child: Mutex<Child>,
    stdin: Mutex<Option<ChildStdin>>,
    stdout: Recorder,
    stderr: Recorder,
    lines: Arc<Mutex<Vec<Line>>>,
    readers: Vec<thread::JoinHandle<()>>,
}

/// One line of either stream.
#[derive(Clone, Debug)]
pub struct Line {
    /// Whether it came on standard error.
    pub is_error: bool,
    /// When it was read.
    pub at: Instant,
    /// Without the line's end.
    pub text: String,
}

impl Process {
    /// Starts a program whose standard input is a pipe; everything it prints goes to `record` too.
    pub fn spawn(mut command: Command, record: &Record) -> Self {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        let name = words.join(" ");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run {name}: {e}"));
        reaper::watch(child.id());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let stdout = record.stream(&format!("the standard output of {name}"));
        let stderr = record.stream(&format!("the standard error of {name}"));
        let readers = vec![
            read(
                child.stdout.take().expect("it is piped"),
                false,
                &stdout,
                &lines,
            ),
            read(
                child.stderr.take().expect("it is piped"),
                true,
                &stderr,
                &lines,
            ),
        ];
        let stdin = Mutex::new(child.stdin.take());
        Self {
            name,
            pid: child.id(),
            child: Mutex::new(child),
            stdin,
            stdout,
            stderr,
            lines,
            readers,
        }
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Writes to standard input and closes it. A program that ended without reading is no mistake.
    pub fn give(&self, input: &[u8]) {
        let stdin = self.stdin.lock().unwrap().take();
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(input);
        }
    }

    /// Writes to standard input and leaves it open. A program that ended without reading is no mistake.
    pub fn write(&self, input: &[u8]) {
        let mut stdin = self.stdin.lock().unwrap();
        if let Some(stdin) = stdin.as_mut() {
            let _ = stdin.write_all(input);
        }
    }

    /// Standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// All lines of both streams so far, in the order they were read: that of one stream is sure, that between the two
    /// is not.
    pub fn lines(&self) -> Vec<Line> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for a line of either stream that contains `text`, from the start of the program on.
    ///
    /// # Panics
    ///
    /// After `limit`, or when the program ends without having printed it.
    pub async fn expect_line(&self, text: &str, limit: Duration) -> Line {
        self.expect_lines(text, 1, limit).await.swap_remove(0)
    }

    /// Waits until `count` lines contain `text`.
    ///
    /// # Panics
    ///
    /// As [`Process::expect_line`].
    pub async fn expect_lines(&self, text: &str, count: usize, limit: Duration) -> Vec<Line> {
        let mut ended = false;
        eventually("a line of output", limit, || {
            let mut lines = self.lines();
            lines.retain(|line| line.text.contains(text));
            if lines.len() >= count {
                return ready(Ok(lines));
            }
            let problem = format!(
                "{count} x {text:?} is not in the output of {}",
                self.shown()
            );
            assert!(!ended, "the program ended, and {problem}");
            // Its last lines may still be on their way: they count, in the next round.
            ended = self.exit_status().is_some() && self.is_drained();
            ready(Err(problem))
        })
        .await
    }

    /// Sends a signal.
    ///
    /// # Panics
    ///
    /// When the program has ended already.
    pub fn signal(&self, signal: Signal) {
        assert!(
            self.exit_status().is_none(),
            "it has ended already: {}",
            self.shown()
        );
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process id"), signal).expect("our own child");
    }

    /// Waits for the end.
    ///
    /// # Panics
    ///
    /// When it still runs after `limit`; it is killed then.
    pub async fn wait(&self, limit: Duration) -> Output {
        let status = eventually("the end of a program", limit, || async {
            self.exit_status().ok_or_else(|| self.shown())
        })
        .await;
        eventually("the end of a program's output", DRAIN_LIMIT, || async {
            self.is_drained()
                .then_some(())
                .ok_or("a child of it holds the pipe")
        })
        .await;
        Output {
            name: self.name.clone(),
            code: exit_code(status),
            stdout: self.stdout(),
            stderr: self.stderr(),
        }
    }

    /// SIGTERM, and waits for the end.
    ///
    /// # Panics
    ///
    /// When it has ended already, or does not end.
    pub async fn terminate(&self) -> Output {
        self.signal(Signal::TERM);
        self.wait(PATIENCE).await
    }

    /// SIGKILL, and waits for the end.
    ///
    /// # Panics
    ///
    /// When it has ended already.
    pub async fn kill(&self) -> Output {
        self.signal(Signal::KILL);
        self.wait(PATIENCE).await
    }

    /// How it ended, `None` while it runs.
    ///
    /// # Panics
    ///
    /// When the system does not know the child, which cannot be.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        self.child
            .lock()
            .unwrap()
            .try_wait()
            .expect("our own child")
    }

    /// Whether all that was printed has been read.
    fn is_drained(&self) -> bool {
        self.readers.iter().all(thread::JoinHandle::is_finished)
    }

    fn shown(&self) -> String {
        show(&self.name, &self.stdout(), &self.stderr())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
        reaper::forget(self.pid);
    }
}

/// A command behind these words: a program that runs another one.
pub fn behind(words: &[&str], plain: &Command) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(plain.get_program());
    command.args(plain.get_args());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn exit_code(status: ExitStatus) -> i32 {
    status
        .code()
        .or_else(|| status.signal().map(|number| 128 + number))
        .expect("one of them is there")
}

fn read(
    stream: impl Read + Send + 'static,
    is_error: bool,
    recorder: &Recorder,
    lines: &Arc<Mutex<Vec<Line>>>,
) -> thread::JoinHandle<()> {
    let (recorder, lines) = (recorder.clone(), Arc::clone(lines));
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut bytes = Vec::new();
        while let Ok(1..) = stream.read_until(b'\n', &mut bytes) {
            recorder.append(&bytes);
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_end_matches(['\r', '\n']).to_owned();
            lines.lock().unwrap().push(Line {
                is_error,
                at: Instant::now(),
                text,
            });
            bytes.clear();
        }
    })
}
