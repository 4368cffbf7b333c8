//! Bad weather: losses, duplicates, overtaking frames, cuts and crashes, all at once.

use protocol::{Kind, Span};

use crate::bus::{Region, Weather};
use crate::cast::{FIRST, MACHINES, SECOND, Setting, THIRD, party};

const BAD: Weather = Weather {
    loss: 20,
    twice: 20,
    jitter: Span::millis(900),
    slow: Span(0),
};

/// An hour of calls everywhere under bad weather, with a cut of half an hour in it.
fn storm(seed: u64, crashes: bool) -> Region {
    let mut region = Region::dark(Setting::crews(2, 3, 1), seed);
    for index in 0..MACHINES.len() {
        region.boot(index);
    }
    region.run(Span::seconds(10));
    region.weather = BAD;
    for round in 0..12 {
        if round == 3 {
            region.cut(
                &Region::indexes(&[FIRST, THIRD]),
                &Region::others(&[FIRST, THIRD]),
            );
        }
        if round == 9 {
            region.heal();
        }
        for office in [FIRST, SECOND, THIRD] {
            let name = format!("call-{office}-{round}");
            let crews = 1 + round % 3;
            // A call that is not answered is made again.
            for _ in 0..4 {
                region.call(office, &name, crews);
                region.run(Span::seconds(10));
            }
        }
        if crashes && round % 4 == 2 {
            let index = usize::try_from(seed + u64::from(round)).unwrap() % 3;
            region.crash(index);
            region.run(Span::seconds(20));
            region.boot(index);
        }
        region.run(Span::minutes(3));
    }
    region.weather = Weather::default();
    region
}

#[test]
fn after_losses_duplicates_overtaking_and_a_cut_all_pictures_end_equal() {
    for seed in 0..3 {
        let mut region = storm(seed, false);
        region.run(Span::minutes(5));
        assert!(region.all_are_equal(), "seed {seed}");
        region.is_sound();
    }
}

#[test]
fn with_crashes_besides_every_call_is_served_in_the_end() {
    for seed in 0..2 {
        let mut region = storm(seed, true);
        let open = |region: &Region| {
            let offices = [FIRST, SECOND, THIRD];
            let needs = offices.into_iter().flat_map(|office| {
                let needs = region.needs(office).into_iter();
                needs.map(move |need| (office, need))
            });
            needs
                .filter(|(office, need)| region.coverage(office, *need).open() > 0)
                .count()
        };
        for _ in 0..12 {
            region.run(Span::minutes(60));
            if open(&region) == 0 {
                break;
            }
        }
        assert_eq!(open(&region), 0, "seed {seed}\n{}", region.story());
        region.run(Span::hours(2));
        assert!(region.all_are_equal(), "seed {seed}");
        region.is_sound();
        // Every unit is home and free, and every commitment has ended.
        for office in [FIRST, SECOND, THIRD] {
            let state = region
                .office(office)
                .picture()
                .state(party(office))
                .unwrap();
            let bound = state.aids.values().filter(|aid| aid.binds()).count();
            assert_eq!(bound, 0, "seed {seed}: {office}");
            assert!(state.free_units(Kind::FireRescue).count() > 0);
        }
    }
}

#[test]
fn a_quiet_office_turns_seldom() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 9);
    region.run(Span::hours(2));
    let turns = region.turns;
    region.run(Span::hours(1));
    let busy = region.turns - turns;
    // Five machines hear five digests a minute and wake for their own.
    assert!(busy < 4_000, "{busy} turns in a quiet hour");
}
