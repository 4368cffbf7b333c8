//! When an office next has something to do although nothing happens.

use protocol::{Moment, Span};

use crate::boot::Phase;
use crate::door::{Now, Output, WakeAt};
use crate::office::{Office, Turn};
use crate::work::ROUND;

/// The farthest an office sleeps, so that no mistake of ours can put it to sleep for good.
const LONGEST: Span = Span::hours(1);

impl Office {
    pub(crate) fn wake(&mut self, turn: &mut Turn) {
        let Now { drill, link, .. } = turn.now;
        let at = WakeAt {
            drill: self.drill_wake(drill),
            link: self.link_wake(link),
        };
        if self.next_wake != Some(at) {
            self.next_wake = Some(at);
            turn.out.push(Output::WakeAt(at));
        }
    }

    /// What runs in drill time: holds, windows, repeated orders.
    fn drill_wake(&mut self, now: Moment) -> Moment {
        // Rounded so that the wish stays the same from input to input when nothing is due.
        let longest = Moment((now.0 / LONGEST.0 + 2) * LONGEST.0);
        if self.phase != Phase::Serving {
            return longest;
        }
        self.due(now).min(longest).max(now + Span(1))
    }

    /// When something of this office's own falls due next, drill time: found once, and again only
    /// after something changed.
    pub(crate) fn due(&mut self, now: Moment) -> Moment {
        if let Some(due) = self.agenda.due {
            return due;
        }
        self.look(now);
        let due = [
            self.holds_until(),
            self.repeats_at(),
            self.asks_at(),
            self.window_ends(),
            self.silence_ends(),
            self.rests_end(),
            self.absence_ends(),
            self.relieved_at(),
            self.agenda.prepare_at,
        ];
        let due = due.into_iter().flatten().min().unwrap_or(Moment(u64::MAX));
        self.agenda.due = Some(due);
        due
    }

    /// When the next crew of this office is relieved, if it was kept back for that. Plans are made for
    /// whole minutes.
    fn relieved_at(&self) -> Option<Moment> {
        let weary = self.weary(Self::planned_for(self.agenda.planned_at));
        let relieved = weary.filter_map(picture::Holding::relieved_at);
        relieved.map(|at| Self::planned_for(at + ROUND)).min()
    }

    /// What runs in link time: listening, digests, wants, views.
    fn link_wake(&self, now: Moment) -> Moment {
        let longest = Moment((now.0 / LONGEST.0 + 2) * LONGEST.0);
        let linked = self.is_linked();
        let due = [
            self.listening_until(now),
            self.keeping.next().filter(|_| linked),
            self.views_due().filter(|_| linked),
        ];
        let soonest = due.into_iter().flatten().min().unwrap_or(longest);
        soonest.min(longest).max(now + Span(1))
    }
}
