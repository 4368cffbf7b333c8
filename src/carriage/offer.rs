//! Handing entries to an office that runs, over its bus: in a drill as the answer to a want that nobody had
//! to say, on duty as the log itself, which others on that bus then hear as well.
//!
//! The office takes them as it takes any other, verifies them itself, and is believed to hold them when
//! they stand in its journal.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use broker::{Link, LinkConfig, LinkEvent, Post};
use protocol::{Frame, Hash, Head, LogKey, NetId, Network, PartyId, Speaker, Wall, batches};
use tokio::sync::mpsc;

use super::home::{Bringer, Home};
use super::judge::Entry;
use super::shelf;
use crate::cli::LogImport;
use crate::failure::{Code, Failure};
use crate::live::stage::random;

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
    /// Where it is.
    pub(super) home: &'a Home,
}

impl Running<'_> {
    /// Hands over entries that are to be recorded, then those that wait for others; tells of each
    /// group that was recorded.
    pub(super) fn hand_over(
        &self,
        bringer: Bringer,
        (record, waiting): (&[Entry], &[Entry]),
        recorded: impl Fn(usize),
    ) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(Code::TryLater, error))?;
        runtime.block_on(async {
            let boot = u64::from_be_bytes(random()?);
            let Network { id: net, mode, .. } = self.home.network;
            let office = self.home.office;
            let (bus, shown_bus) = self.home.bus(self.args.bus.as_deref())?;
            let (by, speaker) = match bringer {
                Bringer::Itself => (office, None),
                Bringer::Operator(signer) => {
                    (signer.party(), Some(Speaker::new(net, mode, signer, boot)))
                }
            };
            let config = LinkConfig {
                seed: boot,
                // A gate that knows its clients takes none by another name than its own.
                ..LinkConfig::new(bus, format!("{by}-{boot:016x}"))
            };
            let (link, mut events) = Link::open(config)?;
            self.come_up(&mut events, &shown_bus).await?;
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

    async fn come_up(
        &self,
        events: &mut mpsc::Receiver<LinkEvent>,
        shown_bus: &str,
    ) -> Result<(), Failure> {
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
            "{} is in use, so office {} runs, but its bus {shown_bus} did not answer within {} s; nothing was \
             imported: bring the bus back, or stop the office and import into its journal",
            self.home.journal.display(),
            self.home.office,
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
        let held = shelf::read(&self.home.journal, self.home.network.id)?;
        Ok(held.entries.iter().map(place).collect())
    }

    fn silence(&self, left: usize) -> Failure {
        let what = format!(
            "office {} recorded none of the last {left} entries within {} s; import the file again, which \
             repeats nothing, or stop the office and import into its journal",
            self.home.office, self.args.wait_s
        );
        Failure::new(Code::TryLater, what)
    }
}

/// The hand on the bus.
struct Hand {
    link: Link,
    /// Who speaks; nobody but their authors for entries that are said as their log.
    speaker: Option<Speaker>,
    net: NetId,
    office: PartyId,
}

impl Hand {
    async fn offer(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        let log = |it: &Entry| it.header().log;
        for run in entries.chunk_by(|one, next| log(one) == log(next)) {
            for batch in batches(run.to_vec()) {
                let (net, office) = (self.net, self.office);
                let said = match &mut self.speaker {
                    Some(by) => Frame::fill(by, net, office, batch, Wall::default()),
                    None => batch
                        .last()
                        .map(head)
                        .map(|head| Frame::append(net, head, batch)),
                };
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

fn head(entry: &Entry) -> Head {
    let (log, seq, hash) = place(entry);
    Head { log, seq, hash }
}

/// Names an entry, whatever its line holds of its body.
fn place(entry: &Entry) -> (LogKey, u64, Hash) {
    let header = entry.header();
    (header.log, header.seq, entry.hash())
}
