//! What an office must never do, written with its own key into the journal of another.

use std::path::Path;
use std::sync::Arc;

use journal::Journal;
use protocol::{
    AidCommit, Body, Draft, Envelope, Hash, Header, Incarnation, LogKey, Moment, Predecessor,
    ResourceId, Seal, Signer,
};
use simulator::Judge;

use super::checker::request_of;
use super::papers::Papers;

/// Plants a fault: an office commits a unit again that it has just committed. The journal forgets what
/// that office said afterwards. Gives the unit.
pub(crate) fn promise_twice(papers: &Papers) -> ResourceId {
    let (_, path) = papers.journals().remove(0);
    let (_, opened) = Journal::open(&path, papers.network.id).unwrap();
    let all = opened.envelopes;
    for envelope in &all {
        let header = envelope.header();
        let Some(Body::AidCommit(commit)) = envelope.body() else {
            continue;
        };
        let Some(signer) = papers.signer(header.log.author) else {
            continue;
        };
        let mut kept = until(&all, envelope);
        if binds(papers, &kept, commit) {
            kept.push(again(envelope, commit, &signer));
            write(papers, &path, kept);
            return commit.resource;
        }
    }
    panic!("no office of its own process committed a unit");
}

/// Plants a fault: an office begins a life that passes over the last command that it recorded.
pub(crate) fn pass_over(papers: &Papers) {
    let (_, path) = papers.journals().remove(1);
    let (_, opened) = Journal::open(&path, papers.network.id).unwrap();
    let mut all = opened.envelopes;
    let carries = |it: &&Arc<Envelope>| request_of(it).is_some();
    let last = all.iter().rfind(carries).unwrap();
    let Header {
        net,
        mode,
        log,
        seq,
        prev,
        hlc,
        sent,
        ..
    } = *last.header();
    let newest = all.iter().map(|it| it.header().log);
    let newest = newest.filter(|it| it.author == log.author).max().unwrap();
    let incarnation = Incarnation {
        epoch: newest.incarnation.epoch + 1,
        nonce: 1,
    };
    let predecessor = Predecessor {
        log,
        seq: seq - 1,
        head: prev,
    };
    let draft = Draft {
        net,
        mode,
        log: LogKey {
            author: log.author,
            incarnation,
        },
        seq: 1,
        prev: Hash::default(),
        hlc: hlc + 1,
        sent,
        request: None,
    };
    let seal = Seal {
        predecessor: Some(predecessor),
    };
    let signer = papers.signer(log.author).unwrap();
    all.push(Envelope::seal(&draft, Body::Seal(seal), &signer));
    write(papers, &path, all);
}

/// The entries of a journal, those of one author until this one alone.
fn until(all: &[Arc<Envelope>], last: &Arc<Envelope>) -> Vec<Arc<Envelope>> {
    let place = |it: &Envelope| (it.header().log.incarnation, it.header().seq);
    let author = last.header().log.author;
    let is_before =
        |it: &&Arc<Envelope>| it.header().log.author != author || place(it) <= place(last);
    all.iter().filter(is_before).cloned().collect()
}

/// Whether a commitment is what binds its unit.
fn binds(papers: &Papers, entries: &[Arc<Envelope>], commit: &AidCommit) -> bool {
    let mut judge = Judge::new(papers.network.clone());
    for entry in entries {
        judge.admit(Moment(0), entry);
    }
    let owner = judge.picture().state(commit.aid.author);
    let holding = owner.and_then(|owner| owner.holdings.get(&commit.resource));
    let unit = holding.and_then(|holding| holding.unit());
    unit.is_some_and(|unit| unit.aid == Some(commit.aid))
}

/// The next entry of the log: a commitment of the same unit, under a greater fence.
fn again(before: &Envelope, commit: &AidCommit, signer: &Signer) -> Arc<Envelope> {
    let header = before.header();
    let mut second = commit.clone();
    second.aid.number += 1_000_000;
    second.fence.command += 1;
    let draft = Draft {
        net: header.net,
        mode: header.mode,
        log: header.log,
        seq: header.seq + 1,
        prev: before.hash(),
        hlc: header.hlc + 1,
        sent: header.sent,
        request: None,
    };
    Envelope::seal(&draft, Body::AidCommit(second.into()), signer)
}

fn write(papers: &Papers, path: &Path, entries: Vec<Arc<Envelope>>) {
    std::fs::remove_file(path).unwrap();
    let (mut journal, _) = Journal::open(path, papers.network.id).unwrap();
    journal.append_all(entries).unwrap();
}
