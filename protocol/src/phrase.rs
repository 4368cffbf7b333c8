//! Stock phrases that a drill's world and offices write into free texts: a text has one language, its reader two.

use crate::words::{Label, Mode};

/// Where a number stands in a phrase.
const GAP: &str = "{}";

/// A stock phrase; its numbers are given when it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phrase {
    /// The work at a scene is done.
    WorkDone,
    /// A scene grows worse and more is asked.
    Worsens,
    /// So many were rescued, so many are still trapped.
    Rescued,
    /// The wind has risen to so many metres a second.
    WindRises,
    /// The wind has fallen to so many metres a second.
    WindFalls,
    /// A storm strikes in so many hours, and units are asked to stand by.
    StormNears,
    /// A storm has passed, and who stood by goes home.
    StormPassed,
    /// Water has risen to so many metres.
    WaterRises,
    /// Water has fallen to so many metres.
    WaterFalls,
    /// The water is gone.
    WaterGone,
    /// A gas drifts over the ground.
    GasDrifts,
    /// The gas is gone from there.
    GasGone,
}

impl Phrase {
    /// Every phrase.
    pub const ALL: [Self; 12] = [
        Self::WorkDone,
        Self::Worsens,
        Self::Rescued,
        Self::WindRises,
        Self::WindFalls,
        Self::StormNears,
        Self::StormPassed,
        Self::WaterRises,
        Self::WaterFalls,
        Self::WaterGone,
        Self::GasDrifts,
        Self::GasGone,
    ];

    const fn label(self) -> Label {
        let (zh, en) = match self {
            Self::WorkDone => ("现场处置完毕", "work at the scene is done"),
            Self::Worsens => (
                "现场情况加重，请求增加力量",
                "the scene grows worse, more units asked",
            ),
            Self::Rescued => ("已救出{}人，仍有{}人被困", "{} rescued, {} still trapped"),
            Self::WindRises => ("风力达 {} m/s", "wind up to {} m/s"),
            Self::WindFalls => ("风力减弱至 {} m/s", "wind down to {} m/s"),
            Self::StormNears => (
                "预计约 {} 小时后进入台风核心圈，请求力量前置",
                "the storm is to strike in about {} h, units asked to stand by",
            ),
            Self::StormPassed => (
                "台风已过，前置力量归建",
                "the storm has passed, who stood by goes home",
            ),
            Self::WaterRises => ("积水深达 {} 米", "water up to {} m deep"),
            Self::WaterFalls => ("积水退至 {} 米", "water down to {} m"),
            Self::WaterGone => ("积水已退", "the water is gone"),
            Self::GasDrifts => ("气体扩散", "gas drifts over it"),
            Self::GasGone => ("气体已散", "the gas is gone"),
        };
        Label { zh, en }
    }

    /// The phrase as a text of this mode, in Chinese, with its numbers.
    pub fn say(self, mode: Mode, numbers: &[String]) -> String {
        mode.marked(&filled(self.label().zh, numbers))
    }

    /// The English of a text, its mark kept; `None` if it is no phrase and somebody's own words.
    pub fn english(text: &str) -> Option<String> {
        let mut marks = Mode::ALL.iter().filter_map(|mode| mode.mark());
        let (mark, said) = marks
            .find_map(|mark| Some((mark, text.strip_prefix(mark)?)))
            .unwrap_or(("", text));
        Self::ALL.into_iter().find_map(|phrase| {
            let numbers = numbers_in(phrase.label().zh, said)?;
            Some(format!("{mark}{}", filled(phrase.label().en, &numbers)))
        })
    }
}

fn filled(phrase: &str, numbers: &[String]) -> String {
    let mut numbers = numbers.iter();
    let mut text = String::new();
    for (place, part) in phrase.split(GAP).enumerate() {
        if place > 0 {
            text.push_str(numbers.next().map_or(GAP, String::as_str));
        }
        text.push_str(part);
    }
    text
}

/// The numbers in the gaps, if the text is this phrase and nothing else.
fn numbers_in(phrase: &str, text: &str) -> Option<Vec<String>> {
    let mut parts = phrase.split(GAP);
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut numbers = Vec::new();
    for part in parts {
        let is_number = |sign: char| sign.is_ascii_digit() || sign == '.';
        let end = rest.find(|sign| !is_number(sign)).unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        numbers.push(number.to_owned());
        rest = after.strip_prefix(part)?;
    }
    (rest.is_empty() && numbers.iter().all(|number| !number.is_empty())).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_chinese_is_read_in_english_with_its_numbers() {
        let said = Phrase::Rescued.say(Mode::Exercise, &["2".into(), "1".into()]);
        assert_eq!(said, "【演练】已救出2人，仍有1人被困");
        let english = Phrase::english(&said);
        assert_eq!(
            english.as_deref(),
            Some("【演练】2 rescued, 1 still trapped")
        );
    }

    #[test]
    fn every_phrase_is_read_back_in_every_mode() {
        for phrase in Phrase::ALL {
            for mode in Mode::ALL {
                let gaps = phrase.label().zh.matches(GAP).count();
                assert_eq!(gaps, phrase.label().en.matches(GAP).count(), "{phrase:?}");
                let text = phrase.say(*mode, &vec!["14.1".into(); gaps]);
                let english = Phrase::english(&text).unwrap();
                assert_eq!(english.matches("14.1").count(), gaps, "{english}");
            }
        }
    }

    #[test]
    fn words_of_somebody_s_own_are_no_phrase() {
        for text in [
            "",
            "【演练】",
            "风力达 x m/s",
            "风力达  m/s",
            "现场处置完毕。",
        ] {
            assert_eq!(Phrase::english(text), None, "{text}");
        }
    }
}
