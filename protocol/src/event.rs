//! Usual kinds of events and hazards by their codes: a message carries the code, people read the word.
//!
//! The list is open: a code that it does not hold is as good, and is shown as it is.

use crate::words::Category::{self, Accident, Health, Natural, Social};
use crate::words::Label;

/// A kind of event or hazard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKind {
    /// What a message calls it.
    pub code: &'static str,
    /// What people call it.
    pub label: Label,
    /// Which of the four kinds of the law it usually is.
    pub category: Category,
}

impl EventKind {
    /// Every usual kind, in the order of their codes.
    pub const ALL: &'static [Self] = EVENTS;

    /// The kind with this code; `None` if it is none of the usual.
    pub fn of(code: &str) -> Option<&'static Self> {
        EVENTS.iter().find(|event| event.code == code)
    }
}

const EVENTS: &[EventKind] = &[
    event("building-fire", "建筑火灾", "building fire", Accident),
    event("dyke-breach", "堤围缺口", "dyke breach", Natural),
    event("dyke-overtopping", "堤围漫顶", "dyke overtopping", Natural),
    event("epidemic", "疫情", "epidemic", Health),
    event("fire", "火灾", "fire", Accident),
    event("flood", "洪水", "flood", Natural),
    event("forest-fire", "森林火灾", "forest fire", Natural),
    event("hazmat-leak", "危化品泄漏", "hazmat leak", Accident),
    event("high-rise-fire", "高层火灾", "high-rise fire", Accident),
    event("landslide", "山体滑坡", "landslide", Natural),
    event("market-fire", "市场火灾", "market fire", Accident),
    event("mass-incident", "群体性事件", "crowd incident", Social),
    event("medical-emergency", "医疗急救", "medical emergency", Health),
    event("power-outage", "停电", "power cut", Accident),
    event("pre-positioning", "力量前置", "pre-positioning", Natural),
    event("rainstorm", "暴雨", "rainstorm", Natural),
    event("ship-fire", "船舶火灾", "ship fire", Accident),
    event("storm-surge", "风暴潮", "storm surge", Natural),
    event(
        "structural-collapse",
        "建筑坍塌",
        "structural collapse",
        Accident,
    ),
    event("traffic-accident", "交通事故", "traffic accident", Accident),
    event("tunnel-blackout", "隧道断电", "tunnel blackout", Accident),
    event("typhoon", "台风", "typhoon", Natural),
    event("vessel-adrift", "船舶漂流", "vessel adrift", Accident),
    event("warehouse-fire", "仓库火灾", "warehouse fire", Accident),
    event(
        "water-supply-failure",
        "供水中断",
        "water supply failure",
        Accident,
    ),
    event("waterlogging", "城市内涝", "waterlogging", Natural),
    event("wind-damage", "风灾", "wind damage", Natural),
];

const fn event(
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    category: Category,
) -> EventKind {
    EventKind {
        code,
        label: Label { zh, en },
        category,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_each_code_once_and_in_order() {
        assert!(EVENTS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn a_code_is_found_and_another_is_not() {
        let label = EventKind::of("wind-damage").map(|event| event.label.zh);
        assert_eq!(label, Some("风灾"));
        assert_eq!(EventKind::of("wind"), None);
    }
}
