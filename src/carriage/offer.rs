//! Handing entries to an office that runs: over its bus, as the answer to a want that nobody had to say.
//!
//! The office takes them as it takes any other, verifies them itself, and is believed to hold them when
//! they stand in its journal.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use broker::{Link, LinkConfig, LinkEvent, Post};
use protocol::{Frame, Hash, LogKey, PartyId, Signer, Speaker, Wall, batches};
use tokio::sync::mpsc;

use super::judge::Entry;
use super::shelf;
use crate::cli::LogImport;
use crate::failure::{Code, Failure};
use crate::live::stage::{Directions, random};

/// Entries that are handed over before it is looked whether they were recorded.
const GROUP: usize = 8_192;

/// How long the bus may take to acknowledge a group.
const DRAIN: Duration = Duration::from_secs(30);

/// How often the journal is looked at: entries of others wait a second for the disk.
const LOOK: Duration = Duration::from_millis(700);

/// How long nothing more may be recorded before the rest is handed over again.
const AGAIN: Duration = Duration::from_secs(5);

/// How long the shell waits for the bus when it ends.
const GOODBYE: Duration = Duration::from_secs(2);

/// A running office, its journal and the bus between.
pub(super) struct Running<'a> {
    /// What the operator asked for.
    pub(super) args: &'a LogImport,
    /// The run.
    pub(super) directions: &'a Directions,
    /// The office's journal.
    pub(super) journal: &'a Path,
}

impl Running<'_> {
    /// Hands over entries that are to be recorded, then those that wait for others; tells of each
    /// group that was recorded.
    pub(super) fn hand_over(
        &self,
        signer: Signer,
        (record, waiting): (&[Entry], &[Entry]),
        recorded: impl Fn(usize),
    ) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(Code::TryLater, error))?;
        runtime.block_on(async {
            let boot = u64::from_be_bytes(random()?);
            let network = &self.directions.network;
            let (net, office) = (network.id, self.args.office);
            let bus = self.directions.bus_of(office, self.args.bus.as_deref())?;
            let config = LinkConfig {
                seed: boot,
                ..LinkConfig::new(bus, format!("op-{boot:016x}"))
            };
            let (link, mut events) = Link::open(config)?;
            self.come_up(&mut events).await?;
            let speaker = Speaker::new(net, network.mode, signer, boot);
            let mut hand = Hand {
                link,
                speaker,
                net,
                office,
            };
            for group in record.chunks(GROUP) {
                self.group(&mut hand, group).await?;
                recorded(group.len());
            }
            hand.offer(waiting).await?;
            let _ = hand.link.close(GOODBYE).await;
            Ok(())
        })
    }

    async fn come_up(&self, events: &mut mpsc::Receiver<LinkEvent>) -> Result<(), Failure> {
        let patience = Duration::from_secs(self.args.wait_s);
        let up = async {
            while let Some(event) = events.recv().await {
                if event == LinkEvent::Up {
                    return true;
                }
            }
            false
        };
        if tokio::time::timeout(patience, up).await == Ok(true) {
            return Ok(());
        }
        let what = format!(
            "{} is in use, so office {} runs, but its bus {} did not answer within {} s; nothing was \
             imported: bring the bus back, or stop the office and import into its journal",
            self.journal.display(),
            self.args.office,
            self.directions.own_bus(self.args.office),
            self.args.wait_s
        );
        Err(Failure::new(Code::Unavailable, what))
    }

    /// Hands over a group and waits until it is on the office's disk.
    async fn group(&self, hand: &mut Hand, group: &[Entry]) -> Result<(), Failure> {
        let patience = Duration::from_secs(self.args.wait_s);
        hand.offer(group).await?;
        let (mut left, mut news, mut offered) = (group.to_vec(), Instant::now(), Instant::now());
        loop {
            tokio::time::sleep(LOOK).await;
            let known = self.known()?;
            let before = left.len();
            left.retain(|it| !known.contains(&place(it)));
            if left.is_empty() {
                return Ok(());
            }
            if left.len() < before {
                (news, offered) = (Instant::now(), Instant::now());
            } else if news.elapsed() >= patience {
                return Err(self.silence(left.len()));
            } else if offered.elapsed() >= AGAIN {
                hand.offer(&left).await?;
                offered = Instant::now();
            }
        }
    }

    fn known(&self) -> Result<BTreeSet<(LogKey, u64, Hash)>, Failure> {
        let held = shelf::read(self.journal, self.directions.network.id)?;
        Ok(held.entries.iter().map(place).collect())
    }

    fn silence(&self, left: usize) -> Failure {
        let what = format!(
            "office {} recorded none of the last {left} entries within {} s; import the file again, which \
             repeats nothing, or stop the office and import into its journal",
            self.args.office, self.args.wait_s
        );
        Failure::new(Code::TryLater, what)
    }
}

/// The operator's hand on the bus.
struct Hand {
    link: Link,
    speaker: Speaker,
    net: protocol::NetId,
    office: PartyId,
}

impl Hand {
    async fn offer(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        let log = |it: &Entry| it.header().log;
        for run in entries.chunk_by(|one, next| log(one) == log(next)) {
            for batch in batches(run.to_vec()) {
                let (net, office) = (self.net, self.office);
                let said = Frame::fill(&mut self.speaker, net, office, batch, Wall::default());
                if let Some(frame) = said {
                    self.link
                        .publish(Post::frame(net, &frame))
                        .map_err(|error| Failure::new(Code::Unavailable, error))?;
                }
            }
        }
        let drained = self.link.drain(DRAIN).await;
        drained.map_err(|error| Failure::new(Code::Unavailable, error))
    }
}

/// Names an entry, whatever its line holds of its body.
fn place(entry: &Entry) -> (LogKey, u64, Hash) {
    let header = entry.header();
    (header.log, header.seq, entry.hash())
}
