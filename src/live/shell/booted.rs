//! An office that has read its journal and has no link yet: what it knows of the roster is known before
//! anybody is let in by it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use agents::{Input, Office, Output, Seed};
use broker::{LinkConfig, Post};
use journal::Journal;
use protocol::{Envelope, Roster, Topic};
use tokio::sync::mpsc;

use super::{Handle, Shell, Surroundings};
use crate::failure::Failure;
use crate::live::lines::Lines;
use crate::live::scribe::{self, Scribe};
use crate::live::wires::Wires;

/// An office before it joins its buses.
pub(crate) struct Booted {
    office: Office,
    journal: Journal,
    outputs: Vec<Output>,
    around: Surroundings,
    roster_log: Vec<Arc<Envelope>>,
}

impl Booted {
    /// Opens an office's journal and boots it. `first` enters the journal as far as it does not hold it: the
    /// roster's log.
    pub(crate) fn new(
        mut office: Office,
        (file, first): (&Path, &[Arc<Envelope>]),
        around: Surroundings,
        seed: Seed,
    ) -> Result<Self, Failure> {
        let network = office.picture().network().clone();
        let (mut journal, stored) = scribe::open_with(file, network.id, first)?;
        journal.claim(office.party())?;
        if let Some(pages) = around.journal_pages {
            journal.set_page_limit(pages)?;
        }
        let of_roster = |it: &&Arc<Envelope>| it.header().log.author == network.region;
        let roster_log = stored.envelopes.iter().filter(of_roster).cloned().collect();
        let outputs = office.handle(around.clocks.now(), Input::Boot(stored, seed));
        Ok(Self {
            office,
            journal,
            outputs,
            around,
            roster_log,
        })
    }

    /// The roster by all that the journal holds.
    pub(crate) fn roster(&self) -> &Roster {
        self.office.picture().roster()
    }

    /// What the journal holds of the roster's log.
    pub(crate) fn roster_log(&self) -> &[Arc<Envelope>] {
        &self.roster_log
    }

    /// Opens its links, and gives what runs it.
    pub(crate) fn join(self) -> Result<(Handle, Shell), Failure> {
        let Self {
            mut office,
            journal,
            outputs,
            around,
            ..
        } = self;
        let net = office.picture().network().id;
        let mut filters = Topic::holder_filters(net);
        filters.extend(Topic::of_office(net, office.party()));
        let client_id = format!("{}-{:016x}", office.party(), office.incarnation().nonce);
        let will = Post::frame(net, &office.will());
        let wires = Wires::open(&around.plugs, |plug| LinkConfig {
            filters: filters.clone(),
            will: Some(will.clone()),
            seed: office.incarnation().nonce,
            ..LinkConfig::new(plug.url.clone(), client_id.clone())
        })?;
        let (scribe, reports) = Scribe::start(journal);
        let (asks, asked) = mpsc::unbounded_channel();
        let party = office.party();
        let handle = Handle { party, asks };
        let mut shell = Shell {
            office,
            net,
            wires,
            scribe,
            reports,
            asks: asked,
            wake: None,
            lines: Lines::new(party, around.seed, &around.plugs),
            linked: BTreeSet::new(),
            met: BTreeSet::new(),
            around,
        };
        shell.perform(outputs);
        shell.show_roster();
        Ok((handle, shell))
    }
}
