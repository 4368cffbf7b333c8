//! The beginning of a free-running drill: the bus is there, and every office has begun its log.

use std::time::Duration;

use broker::BusUrl;
use protocol::PartyId;
use tokio::sync::watch;
use tokio::time::{Instant, interval_at};

use super::Director;
use crate::failure::{Code, Failure};

/// How long the bus may take to answer: ten times what a connection takes over a slow line.
const REACH: Duration = Duration::from_secs(20);

/// How long the offices may take to come to life: one that runs apart is started by hand.
const COME_TO_LIFE: Duration = Duration::from_secs(60);

/// How often somebody who waits is told what for.
pub(crate) const SAY: Duration = Duration::from_secs(10);

impl Director {
    /// Waits until the director hears every bus: an office begins its log once, and what it says before
    /// anybody listens is not said again. A cluster may take seconds to grant what is subscribed.
    pub(crate) async fn join(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), Failure> {
        let began = Instant::now();
        let mut say = interval_at(began + SAY, SAY);
        while self.met.len() < self.stage.buses.all().len() && !*stop.borrow() {
            tokio::select! {
                event = self.wires.recv() => match event {
                    Some((bus, event)) => self.linked(bus, event)?,
                    None => return Err(Failure::bug("the director's link ended by itself")),
                },
                now = say.tick() => {
                    let line = waiting_for_bus(self.stage.buses.first(), now - began)?;
                    self.tell(&line);
                }
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
        Ok(())
    }

    /// Waits until every office has begun its log.
    pub(super) async fn gather(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), Failure> {
        let began = Instant::now();
        let mut say = interval_at(began + SAY, SAY);
        while !self.missing().is_empty() && !*stop.borrow() {
            tokio::select! {
                event = self.wires.recv() => match event {
                    Some((bus, event)) => self.linked(bus, event)?,
                    None => return Err(Failure::bug("the director's link ended by itself")),
                },
                now = say.tick() => {
                    self.ask_own().await;
                    if !self.missing().is_empty() {
                        let line = self.still_waiting(now - began)?;
                        self.tell(&line);
                    }
                }
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
        Ok(())
    }

    /// Offices of this process say themselves whether they have begun: a bus that lost it says nothing.
    async fn ask_own(&mut self) {
        for (party, handle) in &self.handles {
            if handle.account().await.is_some_and(|it| it.serves) {
                self.alive.insert(*party);
            }
        }
    }

    /// Offices that have not begun their logs.
    fn missing(&self) -> Vec<&str> {
        let apart = self.apart.iter().filter(|(_, apart)| apart.is_awaited());
        let all = self.handles.keys().chain(apart.map(|(party, _)| party));
        all.filter(|party| !self.alive.contains(party))
            .map(PartyId::as_str)
            .collect()
    }

    /// What is waited for, in one line, unless the wait has been too long.
    fn still_waiting(&self, waited: Duration) -> Result<String, Failure> {
        let bus = self.stage.buses.first();
        if self.met.is_empty() {
            return waiting_for_bus(bus, waited);
        }
        let (missing, seconds) = (self.missing().join(", "), waited.as_secs());
        if waited < COME_TO_LIFE {
            return Ok(format!(
                "waiting for offices {missing} to come to life on {bus} ({seconds} s so far)"
            ));
        }
        let what = format!(
            "offices {missing} did not come to life on {bus} within {seconds} s; start those apart \
             with `liandong office`, and look whether the bus lets offices in"
        );
        Err(Failure::new(Code::Unavailable, what))
    }
}

/// That the bus is waited for, in one line, unless the wait has been too long.
pub(crate) fn waiting_for_bus(bus: &BusUrl, waited: Duration) -> Result<String, Failure> {
    let seconds = waited.as_secs();
    if waited < REACH {
        return Ok(format!(
            "waiting for a bus to answer at {bus} ({seconds} s so far)"
        ));
    }
    let what =
        format!("no bus answers at {bus} within {seconds} s; start it, or check host and port");
    Err(Failure::new(Code::Unavailable, what))
}
