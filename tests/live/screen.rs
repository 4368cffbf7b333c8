//! The dashboard in a real terminal, driven through tmux as an operator's hands would.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::run::{Folder, PATIENCE, QUIET_DAY, with_faults};

/// A tmux server of its own with one terminal, ended with the test.
struct Terminal {
    socket: String,
}

impl Terminal {
    /// A terminal of this size in which the command runs, and a shell after it.
    fn open(name: &str, size: (u16, u16), command: &str) -> Self {
        let socket = format!("liandong-{}-{name}", std::process::id());
        let terminal = Self { socket };
        let (columns, rows) = (size.0.to_string(), size.1.to_string());
        terminal.tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &columns,
            "-y",
            &rows,
            "sh",
        ]);
        terminal.tmux(&["send-keys", command, "Enter"]);
        terminal
    }

    fn tmux(&self, args: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-u", "-L", &self.socket])
            .args(args)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("tmux is installed (Debian package tmux)");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Waits until the screen shows these words, and gives the screen.
    fn shows(&self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            if screen.contains(words) {
                return screen;
            }
            assert!(
                Instant::now() < deadline,
                "the screen never showed \"{words}\":\n{screen}"
            );
        }
    }

    fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

fn drill(folder: &Folder, lang: &str) -> String {
    drill_of(Path::new(QUIET_DAY), folder.path(), lang)
}

fn drill_of(scenario: &Path, run: &Path, lang: &str) -> String {
    format!(
        "cd {} && {} drill {} --seed 7 --speed 60 --lang {lang} --out {}; echo code=$?",
        env!("CARGO_MANIFEST_DIR"),
        env!("CARGO_BIN_EXE_liandong"),
        scenario.display(),
        run.display()
    )
}

#[test]
fn the_screen_says_that_it_is_a_drill_helps_switches_language_and_gives_the_terminal_back() {
    let folder = Folder::new("screen");
    let terminal = Terminal::open("screen", (120, 40), &drill(&folder, "zh"));
    terminal.shows("演练·虚构");
    terminal.shows("示意图，无审图号");
    terminal.press(&["?"]);
    terminal.shows("帮助");
    terminal.press(&["Escape"]);
    terminal.press(&["L"]);
    terminal.shows("EXERCISE");
    terminal.press(&["q"]);
    terminal.press(&["y"]);
    let screen = terminal.shows("code=0");
    assert!(
        !screen.contains("演练·虚构"),
        "the screen is given back:\n{screen}"
    );
    assert_eq!(
        terminal
            .tmux(&["display-message", "-p", "#{alternate_on}"])
            .trim(),
        "0"
    );
}

#[test]
fn at_the_end_of_a_drill_the_screen_stands_until_it_is_left_and_a_form_with_it() {
    let folder = Folder::new("over");
    let short = format!("{} ", drill(&folder, "zh")).replace("--speed 60", "--speed 60 --until 5m");
    let terminal = Terminal::open("over", (120, 40), &short);
    terminal.shows("演练·虚构");
    terminal.shows("[>]");
    terminal.press(&["N"]);
    terminal.shows("地点*");
    terminal.press(&["-l", "half filled"]);
    let screen = terminal.shows("演练结束");
    assert!(screen.contains("half filled"), "{screen}");
    let outcome = folder.path().join("outcome.json");
    let deadline = Instant::now() + PATIENCE;
    while !outcome.exists() {
        assert!(Instant::now() < deadline, "what came of it is written");
        std::thread::yield_now();
    }
    terminal.press(&["Escape"]);
    // A terminal takes a moment to tell the key from the beginning of a sequence.
    terminal.shows("q 退出");
    terminal.press(&["q"]);
    let screen = terminal.shows("code=0");
    assert!(screen.contains("0 double commitments"), "{screen}");
}

#[test]
fn a_screen_that_nobody_can_leave_does_not_keep_its_drill_from_ending() {
    let folder = Folder::new("no-keys");
    let short = drill(&folder, "zh").replace("; echo", " --until 1m < /dev/null; echo");
    let terminal = Terminal::open("no-keys", (120, 40), &short);
    let screen = terminal.shows("code=0");
    assert!(screen.contains("0 double commitments"), "{screen}");
}

#[test]
fn an_office_that_is_cut_off_is_shown_as_gone() {
    let folder = Folder::new("cut-off");
    let (scenario, run) = with_faults(&folder, CUT_OFF);
    let command = drill_of(&scenario, &run, "zh");
    let terminal = Terminal::open("cut-off", (120, 40), &command);
    terminal.shows("断链");
    terminal.shows("失去联系");
    terminal.press(&["q"]);
    terminal.press(&["y"]);
    terminal.shows("code=0");
}

/// A minute in, the eastern town is alone for good.
const CUT_OFF: &str = r#"
[[fault]]
id = "east-alone"
kind = "isolate"
at = "1m"
for = "5h"
office = "990100"
"#;

#[test]
fn a_termination_signal_leaves_the_terminal_sane() {
    let folder = Folder::new("term");
    let terminal = Terminal::open("term", (80, 24), &drill(&folder, "en"));
    terminal.shows("EXERCISE");
    let pane = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]);
    let ended = Command::new("pkill")
        .args(["-TERM", "-P", pane.trim(), "liandong"])
        .status()
        .unwrap();
    assert!(ended.success());
    terminal.shows("code=143");
    assert_eq!(
        terminal
            .tmux(&["display-message", "-p", "#{alternate_on}"])
            .trim(),
        "0"
    );
    terminal.press(&["echo sane", "Enter"]);
    terminal.shows("sane");
}
