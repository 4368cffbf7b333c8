//! A relay that lies: it has an author's frames in its hands and no key.

use std::sync::Arc;

use protocol::{Frame, Span, Topic};

use crate::bus::Region;
use crate::cast::{FIRST, Setting, THIRD, network, party};
use crate::logs::held;

/// What a relay makes of a log's frames in turns: keeps them to itself, changes them, says an old one again.
fn relay(region: &mut Region, to: &str, frames: &[Arc<Frame>], carried: &mut Vec<Arc<Frame>>) {
    let to = Region::index(to);
    for frame in frames {
        let topic = frame.topic().on(network().id);
        if !matches!(frame.topic(), Topic::Log(_)) {
            region.hear(to, &topic, frame.text().as_bytes());
            continue;
        }
        carried.push(Arc::clone(frame));
        match carried.len() % 3 {
            0 => {}
            1 => {
                let mut changed = frame.text().as_bytes().to_vec();
                let middle = changed.len() * 2 / 3;
                changed[middle] ^= 1;
                region.hear(to, &topic, &changed);
            }
            _ => {
                let old = Arc::clone(&carried[carried.len() / 2]);
                region.hear(to, &topic, old.text().as_bytes());
            }
        }
    }
}

#[test]
fn a_log_outlives_a_relay_that_withholds_repeats_and_changes_what_its_author_says() {
    let mut region = Region::up(Setting::default());
    // What the third office hears of the first comes through the relay, and nothing goes back.
    region.cut(&Region::indexes(&[FIRST]), &Region::indexes(&[THIRD]));
    let mut carried = Vec::new();
    for number in 0..30 {
        region.said.clear();
        region.call(FIRST, &format!("call-{number}"), 1);
        region.run(Span::seconds(10));
        let said = region.said.iter();
        let ours = said.filter(|(_, from, _)| *from == party(FIRST));
        let frames: Vec<Arc<Frame>> = ours.map(|(.., frame)| Arc::clone(frame)).collect();
        relay(&mut region, THIRD, &frames, &mut carried);
    }
    assert!(carried.len() > 30, "it had enough to lie about");
    region.run(Span::minutes(2));
    assert!(held(&region, FIRST, FIRST) > 60);
    assert_eq!(held(&region, THIRD, FIRST), held(&region, FIRST, FIRST));
    assert!(region.all_are_equal(), "and nothing false is believed");
    let refused = region.office(THIRD).hearing().refused();
    assert!(!refused.is_empty(), "what it changed was refused");
}
