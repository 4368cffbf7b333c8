//! What a serving office does after every input: looks at what waits, plans, and acts or proposes.

use std::sync::Arc;

use protocol::{
    AidId, AidPass, Audience, Autonomy, Body, BusId, Deciseconds, Direct, Envelope, FieldReport,
    Form, Kind, Moment, NeedId, PartyId, Point, Resource, Role, Span,
};

use picture::{AuthorState, Holding};

use crate::board::{Board, Idle, Move, Slot, Ways, there_after};
use crate::fleet::Decided;
use crate::ground::Ground;
use crate::office::{Office, Turn};
use crate::outlook::Outlook;
use crate::planner::Sees;
use crate::proposing::RELIEVED;

/// How long the moment stands that offices plan for, drill time: who knows the same about one minute
/// plans alike.
pub(crate) const ROUND: Span = Span::minutes(1);

impl Office {
    /// A direct message for this office.
    pub(crate) fn direct(
        &mut self,
        turn: &mut Turn,
        (bus, from, boot): (BusId, PartyId, u64),
        body: &Direct,
        envelopes: &[Arc<Envelope>],
    ) {
        let ours = from == self.party();
        match body {
            Direct::Digest(digest) if !ours => {
                self.digest_heard(turn, from, digest);
                self.news_of(from);
            }
            Direct::Want(want) if !ours => self.want_heard(turn, bus, from, want),
            Direct::Fill(fill) if !ours => {
                let before = self.count_of(fill.log);
                self.take(turn, bus, envelopes);
                // What was here already, or stands on another branch, is no answer: others are asked.
                if self.count_of(fill.log) > before {
                    self.fill_heard(fill.log, turn.now);
                }
            }
            Direct::State(part) if !ours => {
                self.state_heard(turn, (bus, from), part, envelopes);
            }
            Direct::Presence(presence) if ours && !presence.online => self.deny_absence(turn),
            Direct::Presence(presence) if ours => self.meet_twin(turn, boot, presence),
            Direct::Command(command) => self.command(turn, from, command),
            Direct::Field(message) => self.field(turn, from, &message.report),
            _ => {}
        }
    }

    fn field(&mut self, turn: &mut Turn, from: PartyId, report: &FieldReport) {
        if !self.may_report(from, report) {
            self.hearing.refuse("role");
            return;
        }
        if self.phase != crate::boot::Phase::Serving || self.has_no_room(turn) {
            return;
        }
        match report {
            FieldReport::Unit(report) => self.unit_reported(turn, report),
            _ => self.desk(turn, from, report),
        }
    }

    /// Whether somebody may say this of the ground.
    ///
    /// A terminal that belongs to no office speaks for the ground of all, and so does a director. One of
    /// this office speaks for its unit if it is a crew's, else for systems such as a call intake: these
    /// know neither what a unit does nor what the office warns of, which its people say.
    fn may_report(&self, from: PartyId, report: &FieldReport) -> bool {
        let Some(member) = self.picture.roster().member(from) else {
            return false;
        };
        if member.role == Role::Director {
            return true;
        }
        if member.role != Role::Terminal {
            return false;
        }
        if member.office == member.party {
            return true;
        }
        let fits = match (report, member.unit) {
            (FieldReport::Unit(report), unit) => unit == Some(report.unit),
            (FieldReport::Warning(_) | FieldReport::Response(_), _) | (_, Some(_)) => false,
            _ => true,
        };
        fits && member.office == self.party()
    }

    /// Everything that is due now, then one plan.
    pub(crate) fn work(&mut self, turn: &mut Turn) {
        let now = turn.now.drill;
        if self.agenda.roads {
            self.agenda.roads = false;
            let roads = self.picture.roads();
            self.ground.hear_roads(&roads);
            self.agenda.roads_heard += 1;
        }
        self.prepare(turn);
        if self.agenda.plan || self.due(now) <= now {
            self.end_lapsed_holds(turn);
            self.repeat_orders(turn);
            self.ask_units(turn);
            self.agenda.plan = false;
            self.watch.touch_pending();
            self.settle(turn);
            self.hear_relief(now);
            if self.config.autonomy == Autonomy::Act {
                self.accept_offers(turn);
                for step in self.plan(turn) {
                    self.make(turn, &step);
                }
            }
            self.agenda.freed.clear();
            self.agenda.planned_at = now;
            self.agenda.due = None;
        }
        self.take_stock(turn);
        self.publish_views(turn);
    }

    /// The moment that is planned for now.
    pub(crate) const fn planned_for(now: Moment) -> Moment {
        Moment(now.0 - now.0 % ROUND.0)
    }

    /// What the policy would do now.
    pub(crate) fn plan(&mut self, turn: &Turn) -> Vec<Move> {
        let now = turn.now.drill;
        self.look(now);
        self.end_rests(now);
        self.give_up_absent(turn.now);
        let own: Vec<Slot> = self.watch.own.values().cloned().collect();
        let asked: Vec<Slot> = self
            .watch
            .asked
            .values()
            .filter(|slot| !self.agenda.declined.contains(&slot.need))
            .filter(|slot| !self.agenda.resting.contains_key(&slot.need))
            .cloned()
            .collect();
        if own.is_empty() && asked.is_empty() && !self.may_give_up() {
            self.absent.forget_given();
            return Vec::new();
        }
        let Some(known) = self.picture.state(self.config.member.party) else {
            return Vec::new();
        };
        // Others plan with all that this office has, so it does too.
        let far = self.watch.region.values();
        let slots = own.iter().chain(&asked).chain(far);
        let mut wanted: Vec<Kind> = slots.map(|slot| slot.kind).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let as_of = Self::planned_for(now);
        let idle = self.waiting(known, &wanted, as_of);
        let sees = self.policy.sees();
        if sees >= Sees::Ahead {
            self.watch.learn(&self.picture, as_of);
        }
        let whole = (sees >= Sees::Region).then(|| {
            let outlook = Outlook {
                us: self.config.member.party,
                picture: &self.picture,
                learned: self.watch.learned(),
                as_of,
                sees,
                wanted: &wanted,
                doubted: &|unit| self.agenda.doubts.contains_key(&unit),
                away: &|owner| self.absent.is_away(&self.keeping, owner),
            };
            let slots = self.watch.region.values().cloned().collect();
            let mut whole = outlook.whole(&idle, slots, self.ground.as_mut());
            whole.roads = self.agenda.roads_heard;
            whole
        });
        let barred = self.barred(as_of);
        let mut ways = GroundWays(self.ground.as_mut());
        let window = self.config.aid.window;
        let mut board = Board {
            now,
            own,
            asked,
            idle,
            floors: &known.floors,
            window,
            ways: &mut ways,
            barred: &barred,
            whole,
        };
        let mut moves = self.policy.plan(&mut board);
        self.note_plan(as_of);
        self.note_given(turn.now);
        moves.retain(|step| match step {
            Move::Decline { need, .. } => !self.awaits_word_of_crews(*need),
            _ => true,
        });
        moves
    }

    /// Who was relieved may serve what was declined meanwhile.
    fn hear_relief(&mut self, now: Moment) {
        let as_of = Self::planned_for(now);
        let weary = self.weary(as_of).count();
        if weary < self.agenda.weary {
            self.agenda.declined.clear();
        }
        self.agenda.weary = weary;
    }

    /// Own units that go by no plan before their crews are relieved.
    pub(crate) fn weary(&self, as_of: Moment) -> impl Iterator<Item = &Holding> {
        let own = self.own();
        let shifts = self.agenda.shifts.iter();
        let holdings = shifts.filter_map(move |unit| own?.holdings.get(unit));
        holdings.filter(move |it| it.is_weary(as_of))
    }

    /// Units that could go, sure of their crews and none that is to be relieved, and stocks of which
    /// something is free, of every kind of which one serves a wanted kind: the home floor counts those too
    /// that serve no other kind than their own.
    fn waiting<'a>(&self, own: &'a AuthorState, wanted: &[Kind], as_of: Moment) -> Vec<Idle<'a>> {
        let mut kinds = wanted.to_vec();
        for holding in own.holdings.values() {
            let Resource { kind, also, .. } = &holding.resource;
            let serves = also.iter().any(|kind| wanted.contains(kind));
            if serves && !kinds.contains(kind) && holding.free() > 0 {
                kinds.push(*kind);
            }
        }
        let of_kinds = own.holdings.values();
        let of_kinds = of_kinds.filter(|holding| kinds.contains(&holding.resource.kind));
        let free = of_kinds.filter(|it| it.free() > 0 && !it.is_weary(as_of));
        let sure = free.filter(|it| self.is_sure_of(it.resource.resource));
        let idle = sure.map(|holding| Idle {
            resource: &holding.resource,
            point: holding.point(),
            quantity: holding.free(),
            freed: self.agenda.freed.contains(&holding.resource.resource),
            stands_by: holding.is_standing_by(),
        });
        idle.collect()
    }

    /// Whether something that others lent this office is on its way and others are in need: they may need
    /// it more.
    pub(crate) fn may_give_up(&self) -> bool {
        let turns = self.policy.sees() == Sees::Turning;
        let mut region = self.watch.region.values();
        turns
            && !self.watch.borrowed.is_empty()
            && region.any(|slot| slot.kind.form() == Form::Unit)
    }

    fn make(&mut self, turn: &mut Turn, step: &Move) {
        match step {
            Move::Commit {
                need,
                resource,
                quantity,
                eta,
            } => {
                self.give_up_silent(turn, *need);
                let decided = Decided {
                    by: "planner".into(),
                    ..Decided::default()
                };
                self.commit(turn, *need, (*resource, *quantity, *eta), decided);
            }
            Move::Offer {
                need,
                resource,
                quantity,
                eta,
            } => {
                self.offer(turn, *need, (*resource, *quantity, *eta));
            }
            Move::Turn {
                need,
                resource,
                eta,
            } => {
                let decided = Decided {
                    by: "planner".into(),
                    ..Decided::default()
                };
                self.commit(turn, *need, (*resource, 1, *eta), decided);
            }
            Move::GiveUp { need, offer } => {
                let (need, offer, at) = (*need, *offer, turn.now.drill);
                self.write(turn, Body::AidPass(AidPass { need, offer, at }));
            }
            Move::Recall { aid } => self.relieve(turn, *aid),
            Move::Widen { need, audience } => self.widen(turn, *need, *audience),
            Move::Decline { need, reason } => self.decline(turn, *need, *reason),
        }
    }

    /// Calls home a unit of one's own, because another is there sooner.
    fn relieve(&mut self, turn: &mut Turn, aid: AidId) {
        let reason = RELIEVED.to_owned();
        if let Err(why) = self.order_home(turn, aid, Some(reason)) {
            turn.alarm("own-void", &format!("{aid} cannot be called home: {why}"));
        }
    }

    fn widen(&mut self, turn: &mut Turn, need: NeedId, audience: Audience) {
        let Some(known) = self.picture.need(need) else {
            return;
        };
        let quantity = known.request.quantity;
        let at = turn.now.drill;
        let change = protocol::AidRequestUpdate {
            need,
            quantity,
            audience,
            at,
        };
        self.write(turn, Body::AidRequestUpdate(change));
    }
}

/// When units are where they are wanted, over roads as this office was told of them.
struct GroundWays<'a>(&'a mut dyn Ground);

impl Ways for GroundWays<'_> {
    fn eta(&mut self, unit: &Idle<'_>, to: Point) -> Option<Deciseconds> {
        let way = self.0.travel(unit.resource.kind, unit.point, to)?;
        Some(there_after(unit.resource, way))
    }

    fn least(&self, unit: &Idle<'_>, to: Point) -> Deciseconds {
        let way = self.0.least(unit.resource.kind, unit.point, to);
        there_after(unit.resource, way)
    }
}
