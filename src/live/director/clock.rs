//! The drill clock: who may change it, and how everybody is told.

use std::collections::BTreeSet;

use broker::Post;
use protocol::{
    Action, ClockCommand, ClockState, CommandReply, Direct, Frame, Machine, NetId, OperatorCommand,
    Outcome, PartyId, Span, Topic, Wall,
};
use simulator::Scenario;

use super::Director;

/// What the clock calls the drill. It tells everybody on the bus, and a title often says what is to come:
/// where there are guests, it says that this is an exercise, and which.
pub(super) fn title(scenario: &Scenario, net: NetId, guests: &BTreeSet<PartyId>) -> String {
    if guests.is_empty() {
        scenario.title_zh.clone()
    } else {
        format!("演练·虚构 {net}")
    }
}

impl Director {
    pub(super) fn command(&mut self, from: PartyId, command: &OperatorCommand) {
        let Action::Clock(what) = &command.action else {
            return;
        };
        if self.done.insert(command.request) {
            self.turn(what);
        }
        let reply = CommandReply {
            request: command.request,
            outcome: Outcome::Clock {
                state: self.clock.state,
                speed_permille: self.clock.speed_permille,
            },
            machine: Machine::Serving,
        };
        self.say(Topic::Reply(from), Direct::Reply(reply), Span::minutes(1));
    }

    fn turn(&mut self, what: &ClockCommand) {
        match what {
            ClockCommand::Pause => self.set_clock(ClockState::Paused),
            ClockCommand::Resume => self.set_clock(ClockState::Started),
            ClockCommand::Speed { permille } => {
                self.stand();
                self.clock.speed_permille = (*permille).clamp(100, 100_000_000);
                self.pace.ask(self.clock.speed_permille);
                self.set_clock(self.clock.state);
            }
            ClockCommand::Stop => self.set_clock(ClockState::Stopped),
        }
    }

    /// Notes the time that it is by the clock so far.
    pub(super) fn stand(&mut self) {
        if self.clock.state == ClockState::Started {
            self.clock.now = self.clocks.now().drill.min(self.end);
        }
    }

    pub(super) fn set_clock(&mut self, state: ClockState) {
        self.stand();
        self.clock.state = state;
        self.clock.revision += 1;
        self.clocks.hear(&self.clock);
        self.tell_clock();
    }

    /// Tells the clock as it is now, so that those who join late are not behind.
    pub(super) fn tell_clock(&mut self) {
        self.stand();
        self.clock.revision += 1;
        self.clocks.hear(&self.clock);
        let clock = Direct::Clock(self.clock.clone());
        self.say(Topic::Clock, clock, Span::hours(24));
    }

    pub(super) fn say(&mut self, topic: Topic, body: Direct, life: Span) {
        let net = self.stage.drill.cast().network.id;
        let times = (Wall::at(self.clock.now), life);
        let frame = Frame::direct(&mut self.speaker, net, topic, body, times);
        if let Err(error) = self.wires.publish_everywhere(&Post::frame(net, &frame)) {
            tracing::warn!(%error, "the director was not heard");
        }
    }
}
