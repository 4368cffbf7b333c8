//! An asker that passes an office over is left alone for a while, or both would write without end.

use protocol::{AidPass, AidRequestUpdate, Audience, Body, Incarnation, NeedId, Span};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, chain};
use crate::logs::append;

const LIFE: Incarnation = Incarnation { epoch: 1, nonce: 5 };

/// An asker played by the test: its need, and what it wrote so far.
struct Asker {
    need: NeedId,
    bodies: Vec<Body>,
}

impl Asker {
    /// Writes what an office writes that has a call, no crew, and nobody to hear it.
    fn asks(region: &mut Region) -> Self {
        let mut alone = Region::dark(Setting::crews(0, 0, 0), 7);
        alone.boot(Region::index(FIRST));
        alone.run(Span::minutes(1));
        alone.call(FIRST, "call-1", 1);
        alone.run(Span::minutes(2));
        let own = alone.own(FIRST);
        let asker = Self {
            need: alone.needs(FIRST)[0],
            bodies: own.iter().filter_map(|it| it.body().cloned()).collect(),
        };
        asker.tell(region);
        asker
    }

    fn says(&mut self, region: &mut Region, body: Body) {
        self.bodies.push(body);
        self.tell(region);
    }

    fn tell(&self, region: &mut Region) {
        append(region, SECOND, &chain(FIRST, LIFE, self.bodies.clone()));
    }

    /// Passes over every offer made so far and not passed over yet.
    fn passes(&mut self, region: &mut Region, passed: &mut usize) {
        let own = region.own(SECOND);
        let offers = own.iter().filter_map(|entry| match entry.body() {
            Some(Body::AidOffer(offer)) => Some(offer.offer),
            _ => None,
        });
        let offers: Vec<_> = offers.skip(*passed).collect();
        *passed += offers.len();
        for offer in offers {
            let (need, at) = (self.need, region.now);
            self.says(region, Body::AidPass(AidPass { need, offer, at }));
        }
    }
}

/// A city with one crew, which the asker has just asked.
fn asked() -> (Region, Asker) {
    let mut region = Region::dark(Setting::crews(0, 1, 0), 7);
    region.boot(Region::index(SECOND));
    region.run(Span::minutes(1));
    let asker = Asker::asks(&mut region);
    (region, asker)
}

#[test]
fn an_asker_that_passes_an_office_over_is_offered_the_same_again_only_after_a_window() {
    let (mut region, mut asker) = asked();
    let mut passed = 0;
    for _ in 0..600 {
        region.run(Span::seconds(1));
        asker.passes(&mut region, &mut passed);
    }
    // Ten minutes are twenty windows of half a minute.
    assert!((10..=21).contains(&passed), "{passed} offers");
}

#[test]
fn an_asker_that_asks_for_more_is_offered_again_at_once() {
    let (mut region, mut asker) = asked();
    let mut passed = 0;
    region.run(Span::seconds(1));
    asker.passes(&mut region, &mut passed);
    region.run(Span::seconds(1));
    assert_eq!(region.count(SECOND, "aid-offer"), 1);
    let more = AidRequestUpdate {
        need: asker.need,
        quantity: 2,
        audience: Audience::Region,
        at: region.now,
    };
    asker.says(&mut region, Body::AidRequestUpdate(more));
    region.run(Span::seconds(1));
    assert_eq!(region.count(SECOND, "aid-offer"), 2);
}
