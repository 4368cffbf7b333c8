//! An asker that was offered something in vain is left alone for a while, or both would write without
//! end.

use protocol::{
    AidOffer, AidPass, AidRequestUpdate, Audience, Body, Deciseconds, DutyNote, Incarnation, Kind,
    NeedId, OfferId, OfferLine, Seal, Span, UnitState,
};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, chain, party, resource};
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

    /// Something that has nothing to do with its need.
    fn note(&self, region: &Region) -> Body {
        Body::DutyNote(DutyNote {
            incident: None,
            by: "desk".into(),
            text: format!("note {}", self.bodies.len()),
            at: region.now,
        })
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
fn an_asker_that_passes_an_office_over_again_and_again_is_offered_the_same_ever_more_seldom() {
    let (mut region, mut asker) = asked();
    let mut passed = 0;
    for _ in 0..600 {
        region.run(Span::seconds(1));
        asker.passes(&mut region, &mut passed);
    }
    // At once, and after one window of half a minute, two, four and eight of them.
    assert_eq!(passed, 5);
}

#[test]
fn an_asker_that_talks_and_lets_every_hold_run_out_is_offered_the_same_ever_more_seldom() {
    let (mut region, mut asker) = asked();
    let mut spared = Span::default();
    for _ in 0..180 {
        region.run(Span::minutes(1));
        let note = asker.note(&region);
        asker.says(&mut region, note);
        let unit = region.believed(SECOND, Kind::FireRescue, 1);
        if unit == UnitState::Available {
            spared = Span(spared.0 + Span::minutes(1).0);
        }
    }
    // Holds of 3, 6 and then 12 minutes; between them half a minute that doubles up to eight.
    let offers = region.count(SECOND, "aid-offer");
    assert!((8..=12).contains(&offers), "{offers} offers in three hours");
    assert!(spared >= Span::minutes(50), "{spared:?} free for others");
    region.is_sound();
}

#[test]
fn an_asker_that_falls_silent_is_left_alone_until_it_is_heard_again() {
    let (mut region, mut asker) = asked();
    region.run(Span::minutes(10));
    assert_eq!(region.count(SECOND, "aid-offer"), 1);
    let note = asker.note(&region);
    asker.says(&mut region, note);
    region.run(Span::seconds(1));
    assert_eq!(region.count(SECOND, "aid-offer"), 2);
    // Somebody whom nobody ever hears is still tried now and then.
    region.run(Span::hours(3));
    let offers = region.count(SECOND, "aid-offer");
    assert!((5..=9).contains(&offers), "{offers} offers in three hours");
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

#[test]
fn an_asker_too_far_for_the_hold_is_given_a_longer_one() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    region.call(FIRST, "call-1", 1);
    region.run(Span::millis(21));
    // An offer and its answer take five minutes, a hold is three.
    region.weather.slow = Span::seconds(150);
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    let offers = region.count(SECOND, "aid-offer");
    assert!(offers <= 3, "{offers} offers");
    region.is_sound();
}

#[test]
fn an_offer_that_ran_out_before_it_was_read_is_not_answered() {
    // A little late, it may hold by its owner's clock and is worth a try. Nothing is passed over.
    for (late, accepted) in [(Span::seconds(30), 1), (Span::minutes(10), 0)] {
        let mut region = Region::dark(Setting::crews(0, 0, 0), 7);
        region.boot(Region::index(FIRST));
        region.run(Span::seconds(40));
        region.call(FIRST, "call-1", 1);
        region.run(Span::minutes(2));
        let need = region.needs(FIRST)[0];
        let mut bodies = vec![Body::Seal(Seal { predecessor: None })];
        let crews = [1, 2, 3].map(|number| resource(SECOND, Kind::FireRescue, number, 1));
        bodies.extend(crews.clone().map(Body::Resource));
        let offers = (1..).zip(crews).map(|(number, crew)| {
            Body::AidOffer(AidOffer {
                ordered: None,
                offer: OfferId {
                    author: party(SECOND),
                    epoch: LIFE.epoch,
                    number,
                },
                need,
                lines: vec![OfferLine {
                    resource: crew.resource,
                    quantity: 1,
                    eta: Deciseconds(600),
                }],
                hold_until: region.now + Span::minutes(3),
                at: region.now,
            })
        });
        bodies.extend(offers);
        region.run(Span(Span::minutes(3).0 + late.0));
        append(&mut region, FIRST, &chain(SECOND, LIFE, bodies));
        region.run(Span::seconds(1));
        assert_eq!(region.count(FIRST, "aid-accept"), accepted, "{late:?}");
        assert_eq!(region.count(FIRST, "aid-pass"), 0, "{late:?}");
    }
}
