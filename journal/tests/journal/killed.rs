//! A process that is killed in the middle of writing: what it had recorded is there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use journal::{Journal, JournalError};

use crate::author::{Place, lines, lines_in, net, open, zhuhai};

/// Names the journal to the process that is going to be killed.
const VICTIM: &str = "LIANDONG_JOURNAL_VICTIM";

/// Envelopes in each commit of the victim.
const BATCH: usize = 5;

#[test]
fn a_killed_process_leaves_every_commit_that_it_reported_and_frees_the_lock() {
    if let Some(path) = std::env::var_os(VICTIM) {
        write_until_killed(Path::new(&path));
    }
    let place = Place::new();
    let path = place.file("office.journal");
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("killed::a_killed_process_leaves_every_commit_that_it_reported_and_frees_the_lock")
        .env(VICTIM, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(victim.stdout.take().unwrap());
    let reports = output.lines().map_while(Result::ok);
    let reported = reports
        .filter(|line| line.ends_with("recorded"))
        .take(20)
        .count();
    let error = Journal::open(&path, net()).unwrap_err();
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert_eq!(reported, 20);
    assert!(matches!(error, JournalError::Locked { .. }), "{error}");

    let found = lines_in(&path);
    assert!(
        found.len() >= reported * BATCH,
        "{} of {}",
        found.len(),
        reported * BATCH
    );
    assert_eq!(found.len() % BATCH, 0, "a commit is whole or absent");
    let expected = lines(&zhuhai().says_often(BATCH))
        .into_iter()
        .next()
        .unwrap();
    assert_eq!(found[0], expected);
}

fn write_until_killed(path: &Path) -> ! {
    let (mut journal, _) = open(path);
    let mut author = zhuhai();
    let mut reports = std::io::stdout();
    loop {
        journal.append_all(author.says_often(BATCH)).unwrap();
        writeln!(reports, "{} recorded", author.seq).unwrap();
    }
}
