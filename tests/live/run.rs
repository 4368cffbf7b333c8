//! A drill of the real binary under test, and how to wait for what it says.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a test waits for anything: far beyond what a loaded machine takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// The drill of most tests.
pub(crate) const QUIET_DAY: &str = "scenarios/small/quiet-day.toml";

/// The binary under test.
pub(crate) fn liandong() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liandong"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
        .env_remove("LIANDONG_BUS")
        .env_remove("LIANDONG_RUN")
        .env_remove("LIANDONG_OFFICE");
    command
}

/// A folder of one test, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("liandong-{}-{name}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A process whose standard error is read line by line; it is killed when the test ends.
pub(crate) struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    said: Vec<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// Waits until it says something that contains these words.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.said.push(line.clone());
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(ended) => panic!("{ended}: it never said \"{words}\""),
            }
        }
    }

    /// Waits until it ends by itself; everything that it said comes along.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self
            .lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            self.said.push(line);
        }
        assert!(Instant::now() < deadline, "it did not end");
        let status = self.child.wait().unwrap();
        (status, self.said.join("\n"))
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended, by itself or not.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let status = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits until the process is gone after a signal.
    pub(crate) fn gone(mut self) {
        self.child.wait().unwrap();
    }
}

/// What it said is told when the test fails, whatever the test was waiting for.
impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            // What it started may hold its end of the pipe for longer.
            while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(1)) {
                self.said.push(line);
            }
            let (pid, said) = (self.pid(), self.said.join("\n"));
            drop(writeln!(std::io::stdout(), "process {pid} said:\n{said}"));
        }
    }
}

/// Runs a command to its end.
pub(crate) fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// Standard output and standard error of a command that ended.
pub(crate) fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// A headless drill of the quiet day in this folder.
pub(crate) fn quiet_day(folder: &Path) -> Command {
    let mut command = liandong();
    command.args(["drill", QUIET_DAY, "--seed", "7", "--headless"]);
    command.arg("--out").arg(folder);
    command
}

/// The quiet day with faults added, and a folder for its run.
pub(crate) fn with_faults(folder: &Folder, faults: &str) -> (PathBuf, PathBuf) {
    std::fs::create_dir_all(folder.path()).unwrap();
    let scenario = folder.path().join("scenario.toml");
    let quiet = std::fs::read_to_string(QUIET_DAY).unwrap();
    std::fs::write(&scenario, quiet + faults).unwrap();
    (scenario, folder.path().join("run"))
}
