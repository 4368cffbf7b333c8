//! After the storm: all is healed, every office records a word, and every journal comes to hold the same.

use std::time::{Duration, Instant, SystemTime};

use protocol::{LogKey, PartyId, Wall};

use super::{FAR, Storm};
use crate::kills::disk;
use crate::kills::ledger::Answer;
use crate::kills::papers::Papers;
use crate::kills::record::{Misdated, Record};
use crate::kills::region::{Room, patience};
use crate::proxy::Line;

impl Storm {
    /// Heals everything and waits until each office has recorded one more word. An office that finds a later
    /// life of its own, which its disk forgot and no machine lives any more, serves when it is told to.
    pub(crate) fn heal(&mut self) {
        let now = Instant::now();
        for (at, _) in &mut self.remedies {
            *at = now;
        }
        self.remedy(now);
        let deadline = patience();
        for office in self.region.parties() {
            self.region.seat(office).proxy.suffer(Line::Sound);
            self.hear_a_word_of(office, deadline);
        }
        self.end_with_clocks_far_off(deadline);
        // Calls that nobody has answered yet are made again, and are done once all the same.
        let mut number = 0;
        while let Some(order) = self.record.ledger.unanswered(number) {
            assert!(Instant::now() < deadline, "{order:?} is not answered");
            self.operators.send(order);
            self.listen_until(Instant::now() + Duration::from_millis(50));
            number += 1;
        }
    }

    /// Waits until an office has recorded one more word; gives its place and when that was heard.
    fn hear_a_word_of(&mut self, office: PartyId, deadline: Instant) -> ((LogKey, u64), Wall) {
        loop {
            assert!(Instant::now() < deadline, "{office} does not serve again");
            self.look(office);
            let order = self.record.ledger.next_word(office);
            self.operators.send(order);
            self.listen_until(Instant::now() + Duration::from_millis(500));
            let answer = self.record.ledger.answer(order.request);
            if let Answer::Recorded(log, seq) = answer
                && !self.full.contains(&office)
            {
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                let now = now.unwrap().as_millis();
                return ((log, seq), Wall(u64::try_from(now).unwrap()));
            }
        }
    }

    /// The last lives of some offices have clocks that are far off, and each records a word: which lives
    /// of the storm come to write before they are killed nobody can say.
    fn end_with_clocks_far_off(&mut self, deadline: Instant) {
        for (office, by_s) in self.region.parties().into_iter().zip(FAR) {
            assert!(self.region.kill_office(office), "{office} serves");
            self.region
                .start_office(&self.run, office, (Room::Enough, by_s));
            let (place, heard) = self.hear_a_word_of(office, deadline);
            let misdated = Misdated { place, by_s, heard };
            self.record.misdated.push(misdated);
        }
    }

    /// Ends the drill once every journal holds the same.
    pub(crate) fn settle(self) -> (Papers, Record) {
        let Self {
            region,
            operators,
            replies,
            record,
            ..
        } = self;
        let papers = region.end_drill(|region| {
            let deadline = patience();
            let net = region.papers.network.id;
            let journals = region.papers.journals();
            loop {
                let mut held = journals
                    .iter()
                    .map(|(_, journal)| disk::heads(journal, net));
                let first = held.next().expect("there are journals");
                if first.is_some() && held.all(|heads| heads == first) {
                    break;
                }
                assert!(Instant::now() < deadline, "the journals differ still");
                // Nobody answers any more: this is the pause between two looks.
                drop(replies.recv_timeout(Duration::from_millis(200)));
            }
            // Whoever is linked anew says soon what it holds, which the director waits for.
            for seat in region.offices.values() {
                seat.proxy.blink();
            }
        });
        drop(operators);
        (papers, record)
    }
}
