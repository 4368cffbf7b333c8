//! Kinds of events by their codes: the words for a region whose pack brings no table of its own.

use std::collections::BTreeMap;

use protocol::Category::{self, Accident, Health, Natural, Social};

use crate::ground::Event;
use crate::lang::Term;

/// Code, Chinese term, English gloss, kind by the law.
const EVENTS: &[(&str, &str, &str, Category)] = &[
    ("building-fire", "建筑火灾", "building fire", Accident),
    ("dyke-breach", "堤围缺口", "dyke breach", Natural),
    ("dyke-overtopping", "堤围漫顶", "dyke overtopping", Natural),
    ("epidemic", "疫情", "epidemic", Health),
    ("fire", "火灾", "fire", Accident),
    ("flood", "洪水", "flood", Natural),
    ("forest-fire", "森林火灾", "forest fire", Natural),
    ("hazmat-leak", "危化品泄漏", "hazmat leak", Accident),
    ("high-rise-fire", "高层火灾", "high-rise fire", Accident),
    ("landslide", "山体滑坡", "landslide", Natural),
    ("market-fire", "市场火灾", "market fire", Accident),
    ("mass-incident", "群体性事件", "crowd incident", Social),
    ("medical-emergency", "医疗急救", "medical emergency", Health),
    ("power-outage", "停电", "power cut", Accident),
    ("pre-positioning", "力量前置", "pre-positioning", Natural),
    ("rainstorm", "暴雨", "rainstorm", Natural),
    ("ship-fire", "船舶火灾", "ship fire", Accident),
    ("storm-surge", "风暴潮", "storm surge", Natural),
    (
        "structural-collapse",
        "建筑坍塌",
        "structural collapse",
        Accident,
    ),
    ("traffic-accident", "交通事故", "traffic accident", Accident),
    ("tunnel-blackout", "隧道断电", "tunnel blackout", Accident),
    ("typhoon", "台风", "typhoon", Natural),
    ("vessel-adrift", "船舶漂流", "vessel adrift", Accident),
    ("warehouse-fire", "仓库火灾", "warehouse fire", Accident),
    (
        "water-supply-failure",
        "供水中断",
        "water supply failure",
        Accident,
    ),
    ("waterlogging", "城市内涝", "waterlogging", Natural),
    ("wind-damage", "风灾", "wind damage", Natural),
];

/// The table as a [`crate::Ground`] holds it.
pub(crate) fn usual() -> BTreeMap<String, Event> {
    let event = |(code, zh, en, category): &(&str, &str, &str, Category)| {
        let name = Term::new(*zh, *en);
        let event = Event {
            name,
            category: *category,
        };
        ((*code).to_owned(), event)
    };
    EVENTS.iter().map(event).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_each_code_once_and_in_order() {
        let codes: Vec<&str> = EVENTS.iter().map(|event| event.0).collect();
        assert!(codes.is_sorted());
        assert_eq!(usual().len(), EVENTS.len());
    }
}
