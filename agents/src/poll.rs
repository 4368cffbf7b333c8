//! The amnesia guard: after a reboot no unit is committed before its crew, or a dispatcher who has
//! read its state back, has said what it does (replication.md, Boot).
//!
//! A log may have lost its end with a disk, or with what a full one did not take; a crew's terminal has
//! not. So every unit is asked, with an order that changes nothing, until something is heard of it.

use protocol::{
    AidId, Direct, Fence, Moment, Remark, ResourceId, Span, Task, Topic, UnitOrder, UnitReport,
};

use crate::answer::remark;
use crate::fleet::ORDER_LIFE;
use crate::office::{Office, Turn};

/// How long a unit is waited for before it is asked again, drill time; twice as long each time up to
/// [`ASK_MAX`]. A unit without a terminal waits for its dispatcher.
const ASK_AGAIN: Span = Span::minutes(1);
const ASK_MAX: Span = Span::minutes(16);

/// A unit of which nothing was heard in this life.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doubt {
    /// When it is asked next, drill time.
    ask_at: Moment,
    pause: Span,
}

impl Office {
    /// Nothing that the log says of its units is sure any more.
    pub(crate) fn doubt_units(&mut self, now: Moment) {
        let doubt = Doubt {
            ask_at: now,
            pause: ASK_AGAIN,
        };
        let holdings = self.own().map(|own| &own.holdings);
        let units = holdings.into_iter().flatten();
        let units = units.filter(|(_, holding)| holding.unit().is_some());
        self.agenda.doubts = units.map(|(unit, _)| (*unit, doubt)).collect();
    }

    /// Asks the units that have not been heard.
    pub(crate) fn ask_units(&mut self, turn: &mut Turn) {
        let now = turn.now.drill;
        let doubts = self.agenda.doubts.iter_mut();
        let due = doubts.filter(|(_, doubt)| doubt.ask_at <= now);
        let late: Vec<ResourceId> = due
            .map(|(unit, doubt)| {
                doubt.ask_at = now + doubt.pause;
                doubt.pause = Span(doubt.pause.0 * 2).min(ASK_MAX);
                *unit
            })
            .collect();
        for unit in late {
            let order = self.question(unit, now);
            let topic = Topic::Order(self.party());
            self.say(turn, topic, Direct::Order(order), ORDER_LIFE);
        }
    }

    /// When the next unit is asked, drill time.
    pub(crate) fn asks_at(&self) -> Option<Moment> {
        self.agenda.doubts.values().map(|doubt| doubt.ask_at).min()
    }

    /// A terminal speaks. Only what it says after it was asked in this life is news of now: a report may
    /// have been under way, or kept by somebody, since before.
    pub(crate) fn heard_of_crew(&mut self, report: &UnitReport) {
        if report.asked == Some(self.question_number()) {
            self.heard_of_unit(report.unit);
        }
    }

    /// What a crew echoes that was asked in this life: a machine that stood back and took over asks anew.
    pub fn question_number(&self) -> u64 {
        let life = self.incarnation();
        life.nonce.wrapping_add(life.epoch.into())
    }

    /// A dispatcher enters what a crew says on the phone now. A call that was some time ago, entered from
    /// paper say, tells nothing of now, and whether it was before this boot no clock can tell: one that was
    /// set back has all that it showed before still to come.
    pub(crate) fn heard_by_phone(&mut self, unit: ResourceId, called_at: Option<Moment>) {
        if called_at.is_none() {
            self.heard_of_unit(unit);
        }
    }

    /// What to do about a unit of which nothing was heard since this office booted; `None` if it was.
    pub(crate) fn still_in_doubt(&self, unit: ResourceId) -> Option<Remark> {
        self.agenda.doubts.contains_key(&unit).then(|| {
            remark(
                format!(
                    "本机启动以来尚未听到 {unit} 的现况，填了来电时间的不算，暂不派出；请向机组核实后\
                     不填来电时间再录一次"
                ),
                format!(
                    "nothing was heard of {unit} since this office started, and a call that was some time ago \
                     does not tell of now: it is not sent out before its crew was asked again and its state \
                     entered without the time of the call"
                ),
            )
        })
    }

    /// A unit's crew or its dispatcher has said what it does.
    fn heard_of_unit(&mut self, unit: ResourceId) {
        if self.agenda.doubts.remove(&unit).is_some() {
            self.agenda.declined.clear();
            self.agenda.plan = true;
            self.agenda.due = None;
        }
    }

    /// Units of which this office is not sure; some of them perhaps twice.
    pub(crate) fn doubted(&self) -> impl Iterator<Item = ResourceId> {
        let ours = self.incarnation();
        let seen = self.agenda.seen.iter();
        let outdone = seen.filter(move |(_, seen)| seen.incarnation > ours);
        let unheard = self.agenda.doubts.keys();
        unheard.chain(outdone.map(|(unit, _)| unit)).copied()
    }

    /// Whether something was heard of a unit since this office booted, and its terminal obeys no other
    /// machine.
    pub(crate) fn is_sure_of(&self, unit: ResourceId) -> bool {
        let seen = self.agenda.seen.get(&unit);
        let ours = self.incarnation();
        !self.agenda.doubts.contains_key(&unit) && seen.is_none_or(|seen| seen.incarnation <= ours)
    }

    /// Whether a crew has obeyed a greater life of this office's name.
    pub(crate) fn is_outdone(&self) -> bool {
        let ours = self.incarnation();
        let mut seen = self.agenda.seen.values();
        seen.any(|seen| seen.incarnation > ours)
    }

    /// An order to say what it does. It names the commitment that the log knows of, if any; nobody
    /// obeys its fence.
    fn question(&self, unit: ResourceId, at: Moment) -> UnitOrder {
        let holding = self.own().and_then(|own| own.holdings.get(&unit));
        let nothing = AidId {
            author: self.party(),
            epoch: 0,
            number: 0,
        };
        let none = Fence {
            incarnation: self.incarnation(),
            command: 0,
        };
        UnitOrder {
            unit,
            fence: holding.and_then(|known| known.fence).unwrap_or(none),
            aid: holding
                .and_then(|known| known.unit()?.aid)
                .unwrap_or(nothing),
            task: Task::Report {
                asked: self.question_number(),
            },
            at,
        }
    }
}
