//! What crews say: each report read once, in the light of the last order that its terminal obeyed.

use protocol::{
    AidId, Body, Direct, Fence, Incarnation, LogKey, Moment, ResourceId, Returned, Span,
    StatusSource, Task, Topic, UnitOrder, UnitReport, UnitState, UnitStatus,
};

use picture::{AidState, UnitStanding};

use crate::fleet::{ORDER_LIFE, REPEAT};
use crate::office::{Office, Turn};

/// Orders that one life of an office gives one unit at most: one a minute for two years. A terminal that tells
/// of more has invented it, and the number would be written to the log and outlive it.
const COMMANDS: u32 = 1 << 20;

/// How long a crew stands at a place with nothing to do before it is taken to stand by there.
const STANDS: Span = Span::minutes(10);

impl Office {
    /// A crew terminal speaks.
    pub(crate) fn unit_reported(&mut self, turn: &mut Turn, report: &UnitReport) {
        let Some(holding) = self.own().and_then(|own| own.holdings.get(&report.unit)) else {
            self.hearing.refuse("R10");
            return;
        };
        let Some(unit) = holding.unit() else {
            self.hearing.refuse("R11");
            return;
        };
        let (state, serves, fence) = (unit.state, unit.aid, holding.fence);
        if let Some(obeyed) = report.fence {
            if self.is_made_up(report.unit, obeyed) {
                self.hearing.refuse("R03");
                return;
            }
            let seen = self.agenda.seen.entry(report.unit).or_insert(obeyed);
            *seen = obeyed.max(*seen);
            self.crew_of_another(turn, obeyed.incarnation);
        }
        // It obeys nothing of ours before it has been called home from what another life sent it to.
        if (serves.is_none() || report.fence < fence) && self.is_of_lost_memory(report) {
            self.unit_of_lost_memory(turn, state, report);
            return;
        }
        // A report made before the last command reached the terminal says nothing about now.
        if report.fence < fence {
            return;
        }
        self.heard_of_crew(report);
        let command = report.fence.map_or(0, |fence| fence.command);
        let home = matches!(report.state, UnitState::Available | UnitState::Rehab);
        if let Some(aid) = serves {
            let elsewhere = home || report.aid != Some(aid) || self.is_of_a_twin(report.fence);
            if report.fence > fence && elsewhere {
                self.unit_of_lost_orders(turn, report, aid);
                return;
            }
            if home {
                self.unit_home(turn, report, aid);
                return;
            }
        }
        let Some(unit) = self.own_unit(report.unit) else {
            return;
        };
        let news = unit.state != report.state
            || unit.confirmed_command < command
            || (report.work_done && self.work_not_known_done(unit.aid));
        let fits = unit.aid == report.aid && picture::may_report(unit.state, report.state);
        if !news || !fits {
            return;
        }
        let status = UnitStatus {
            unit: report.unit,
            state: report.state,
            as_of: report.at,
            aid: report.aid,
            point: Some(report.point),
            eta: report.eta,
            work_done: report.work_done,
            source: StatusSource::Terminal {
                last_command: command,
            },
        };
        self.write(turn, Body::UnitStatus(status));
    }

    /// Whether no machine of this office's name can have given an order under a fence: its life lies further
    /// ahead than what is told of lives is believed, or its number is one that no life comes to by itself and
    /// beyond what this office would give the unit next. A terminal that invents it would have people take
    /// over until there are no epochs left, or leave no number for the next order.
    fn is_made_up(&self, unit: ResourceId, fence: Fence) -> bool {
        let believed = self.incarnation().epoch.saturating_add(picture::BELIEVED);
        let is_given = || self.next_fence(unit).is_some_and(|next| fence <= next);
        fence.incarnation.epoch > believed || (fence.command > COMMANDS && !is_given())
    }

    /// A terminal has obeyed a greater life of this office's name. Whoever lives it may be gone; people
    /// must find out. Until they have, the crew is left alone, for it would obey no order of ours.
    fn crew_of_another(&mut self, turn: &mut Turn, life: Incarnation) {
        if life <= self.incarnation() {
            return;
        }
        let log = LogKey {
            author: self.party(),
            incarnation: life,
        };
        let machine = self.boot_nonce;
        self.alarm_once(turn, ("twin", log.author), log, || {
            format!(
                "crews obey another machine under this office's name, in incarnation {life}; find it and \
                 stop it, and say: liandong command take-over --machine {machine:016x}"
            )
        });
    }

    fn own_unit(&self, unit: ResourceId) -> Option<&UnitStanding> {
        self.own()?.holdings.get(&unit)?.unit()
    }

    fn work_not_known_done(&self, aid: Option<AidId>) -> bool {
        aid.and_then(|aid| self.picture.aid(aid))
            .is_some_and(|aid| aid.done_at.is_none())
    }

    /// A unit is home: its commitment ends, and it may serve again.
    fn unit_home(&mut self, turn: &mut Turn, report: &UnitReport, aid: AidId) {
        let ordered_home = self
            .picture
            .aid(aid)
            .is_some_and(|aid| matches!(aid.state, AidState::Released | AidState::Recalled));
        if ordered_home {
            self.unit_returned(turn, report, aid);
        }
    }

    /// A commitment is over and its unit free; whether that could be written.
    fn unit_returned(&mut self, turn: &mut Turn, report: &UnitReport, aid: AidId) -> bool {
        let returned = Returned {
            aid,
            quantity: 1,
            consumed: 0,
            at: report.at,
        };
        let written = self.write(turn, Body::Returned(returned)).is_some();
        if written {
            self.agenda.ordered.remove(&report.unit);
            self.agenda.freed.insert(report.unit);
        }
        written
    }

    /// A terminal has obeyed orders that this office's log has lost, and the commitment that the log
    /// still binds it to is over: nobody is sent to another, or home, before.
    fn unit_of_lost_orders(&mut self, turn: &mut Turn, report: &UnitReport, aid: AidId) {
        if self.unit_returned(turn, report, aid) && self.is_of_lost_memory(report) {
            self.unit_of_lost_memory(turn, UnitState::Available, report);
        }
    }

    /// Whether a crew serves a commitment of ours that our log does not hold: a disk was lost with it.
    fn is_of_lost_memory(&self, report: &UnitReport) -> bool {
        let Some(own) = self.own() else {
            return false;
        };
        // Another machine may have given the id to a commitment of another unit, or to another one of
        // this unit: an order that is over here is obeyed under no greater fence than our log gave.
        let fence = own.holdings.get(&report.unit).and_then(|it| it.fence);
        let forgotten = |aid| {
            own.aids.get(&aid).is_none_or(|it| {
                it.commit.resource != report.unit || (!it.binds() && report.fence > fence)
            })
        };
        picture::is_deployed(report.state) && report.aid.is_some_and(forgotten)
    }

    /// Whether a fence is of a life that is none of those that this office's log goes through.
    fn is_of_a_twin(&self, fence: Option<Fence>) -> bool {
        let own = self.picture.authors().get(&self.party());
        let Some((fence, lineage)) = fence.zip(own.map(|own| &own.lineage)) else {
            return false;
        };
        let life = fence.incarnation;
        !lineage.logs().contains_key(&life) || lineage.is_orphan(life, 1)
    }

    /// Whether a crew that serves what nobody remembers has stood at a place for so long that it stands by
    /// there: who works takes a minute or two to begin.
    fn stands_by_forgotten(&mut self, now: Moment, report: &UnitReport) -> bool {
        if report.state != UnitState::Staged {
            self.agenda.staged.remove(&report.unit);
            return false;
        }
        let since = *self.agenda.staged.entry(report.unit).or_insert(now);
        now.since(since) >= STANDS
    }

    /// Keeps a unit from being committed while it serves what nobody remembers, and calls it home
    /// when its work is done, or if it stands by.
    fn unit_of_lost_memory(&mut self, turn: &mut Turn, state: UnitState, report: &UnitReport) {
        if state == UnitState::Available {
            let status = UnitStatus {
                unit: report.unit,
                state: UnitState::OutOfService,
                as_of: report.at,
                aid: None,
                point: Some(report.point),
                eta: None,
                work_done: false,
                source: StatusSource::Terminal { last_command: 0 },
            };
            self.write(turn, Body::UnitStatus(status));
            turn.alarm(
                "amnesia",
                &format!(
                    "{} serves a commitment that this office's log has lost; it is called home when \
                     its work is done",
                    report.unit
                ),
            );
        }
        let (Some(aid), Some(fence)) = (report.aid, self.next_fence(report.unit)) else {
            return;
        };
        // A crew that obeys another machine answers each order with a report: one order to a report would
        // have two machines under one name ask it ever more often.
        let called = self.agenda.called_home.get(&report.unit);
        let again = called.is_none_or(|at| turn.now.drill.since(*at) >= REPEAT);
        if (report.work_done || self.stands_by_forgotten(turn.now.drill, report)) && again {
            self.agenda.called_home.insert(report.unit, turn.now.drill);
            let order = UnitOrder {
                unit: report.unit,
                fence,
                aid,
                task: Task::Home,
                at: turn.now.drill,
            };
            let topic = Topic::Order(self.party());
            self.say(turn, topic, Direct::Order(order), ORDER_LIFE);
        }
    }
}
