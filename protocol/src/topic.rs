//! Topics below `liandong/1/{net}/`, and the few filters that everybody shares.

use std::fmt;

use crate::id::{NetId, PartyId};

/// A topic of one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// `log/{office}`: envelopes, by their author or by a relay.
    Log(PartyId),
    /// `digest/{holder}`: what the holder has, retained.
    Digest(PartyId),
    /// `want/{holder}`: please send what is missing.
    Want(PartyId),
    /// `fill/{asker}`: here it is.
    Fill(PartyId),
    /// `presence/{office}`: the incarnation in force, retained.
    Presence(PartyId),
    /// `field/{office}`: reports from the ground.
    Field(PartyId),
    /// `order/{office}`: orders to the office's units.
    Order(PartyId),
    /// `command/{office}`: operator actions.
    Command(PartyId),
    /// `reply/{operator}`: their outcome.
    Reply(PartyId),
    /// `clock`: drill time, retained.
    Clock,
    /// `step/{office}`: in a lock-step drill, what the office hears at this instant.
    Step(PartyId),
    /// `done/{office}`: in a lock-step drill, that the office has answered.
    Done(PartyId),
    /// `view/{office}/{view}`: GeoJSON for foreign readers, retained.
    View(PartyId, View),
}

/// What a view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// Open incidents.
    Incidents,
    /// Units with their state.
    Units,
    /// Open needs.
    Needs,
    /// Warnings in force.
    Warnings,
}

/// The common beginning of all topics.
const ROOT: &str = "liandong/1";

/// What may stand in one level of a topic.
#[derive(Clone, Copy)]
enum Level {
    /// The clock's only level.
    Clock,
    /// The kind of what is some party's.
    Kind,
    /// The kind of what shows something.
    View,
    /// Whose it is.
    Party,
    /// What it shows.
    Shown,
}

/// The levels of all topics below the network's root.
const SHAPES: [&[Level]; 3] = [
    &[Level::Clock],
    &[Level::Kind, Level::Party],
    &[Level::View, Level::Party, Level::Shown],
];

/// The kinds of topic that a party has one of.
const KINDS: [&str; 11] = [
    "log", "digest", "want", "fill", "presence", "field", "order", "command", "reply", "step",
    "done",
];

impl Level {
    /// Whether a level of a filter stands for one of these; `+` stands for any.
    fn fits(self, text: &str) -> bool {
        text == "+"
            || match self {
                Self::Clock => text == "clock",
                Self::Kind => KINDS.contains(&text),
                Self::View => text == "view",
                Self::Party => text.parse::<PartyId>().is_ok(),
                Self::Shown => View::ALL.iter().any(|view| view.code() == text),
            }
    }
}

impl View {
    /// All views.
    pub const ALL: [Self; 4] = [Self::Incidents, Self::Units, Self::Needs, Self::Warnings];

    /// The last level of the topic.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Incidents => "incidents",
            Self::Units => "units",
            Self::Needs => "needs",
            Self::Warnings => "warnings",
        }
    }
}

impl Topic {
    /// The topic in full on a network.
    pub fn on(self, net: NetId) -> String {
        format!("{ROOT}/{net}/{self}")
    }

    /// Reads a full topic of the network; `None` for a foreign or malformed one.
    pub fn parse(net: NetId, text: &str) -> Option<Self> {
        let rest = Self::below_root(net, text)?;
        let mut levels = rest.split('/');
        let kind = levels.next()?;
        if kind == "clock" {
            return levels.next().is_none().then_some(Self::Clock);
        }
        let party: PartyId = levels.next()?.parse().ok()?;
        let view = levels.next();
        if levels.next().is_some() {
            return None;
        }
        match (kind, view) {
            ("log", None) => Some(Self::Log(party)),
            ("digest", None) => Some(Self::Digest(party)),
            ("want", None) => Some(Self::Want(party)),
            ("fill", None) => Some(Self::Fill(party)),
            ("presence", None) => Some(Self::Presence(party)),
            ("field", None) => Some(Self::Field(party)),
            ("order", None) => Some(Self::Order(party)),
            ("command", None) => Some(Self::Command(party)),
            ("reply", None) => Some(Self::Reply(party)),
            ("step", None) => Some(Self::Step(party)),
            ("done", None) => Some(Self::Done(party)),
            ("view", Some(code)) => {
                let view = View::ALL.into_iter().find(|view| view.code() == code)?;
                Some(Self::View(party, view))
            }
            _ => None,
        }
    }

    /// What a topic or filter of the network says below the network's root.
    pub(crate) fn below_root(net: NetId, text: &str) -> Option<&str> {
        let rest = text.strip_prefix(ROOT)?.strip_prefix('/')?;
        rest.strip_prefix(net.as_str())?.strip_prefix('/')
    }

    /// What a filter of the network says below the network's root, if it can match a topic; `None` for any
    /// other.
    pub(crate) fn filtered(net: NetId, filter: &str) -> Option<&str> {
        let rest = Self::below_root(net, filter)?;
        let (rest_of_it, is_open) = match rest.strip_suffix('#') {
            Some("") => ("", true),
            Some(before) => (before.strip_suffix('/')?, true),
            None => (rest, false),
        };
        let levels = rest_of_it.split('/').filter(|_| !rest_of_it.is_empty());
        let given: Vec<&str> = levels.collect();
        let matches = |shape: &[Level]| {
            let fits = given.len() == shape.len() || (is_open && given.len() < shape.len());
            fits && given
                .iter()
                .zip(shape)
                .all(|(text, level)| level.fits(text))
        };
        SHAPES.iter().any(|shape| matches(shape)).then_some(rest)
    }

    /// Whether the broker keeps the last message for late subscribers.
    pub const fn is_retained(self) -> bool {
        matches!(
            self,
            Self::Digest(_) | Self::Presence(_) | Self::Clock | Self::View(..)
        )
    }

    /// The filters of a party that holds logs: the same for all, because a broker may keep one
    /// queue in memory for each distinct filter.
    pub fn holder_filters(net: NetId) -> Vec<String> {
        [
            "log/+",
            "digest/+",
            "want/+",
            "fill/+",
            "presence/+",
            "clock",
        ]
        .map(|filter| format!("{ROOT}/{net}/{filter}"))
        .to_vec()
    }

    /// The topics that an office hears besides: its ground and its operators, and nobody else's.
    pub fn of_office(net: NetId, office: PartyId) -> Vec<String> {
        [Self::Field(office), Self::Command(office)]
            .map(|topic| topic.on(net))
            .to_vec()
    }

    /// One filter of the network by its first level, such as `order` or `step`.
    pub fn filter(net: NetId, level: &str) -> String {
        format!("{ROOT}/{net}/{level}/+")
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(party) => write!(f, "log/{party}"),
            Self::Digest(party) => write!(f, "digest/{party}"),
            Self::Want(party) => write!(f, "want/{party}"),
            Self::Fill(party) => write!(f, "fill/{party}"),
            Self::Presence(party) => write!(f, "presence/{party}"),
            Self::Field(party) => write!(f, "field/{party}"),
            Self::Order(party) => write!(f, "order/{party}"),
            Self::Command(party) => write!(f, "command/{party}"),
            Self::Reply(party) => write!(f, "reply/{party}"),
            Self::Clock => f.write_str("clock"),
            Self::Step(party) => write!(f, "step/{party}"),
            Self::Done(party) => write!(f, "done/{party}"),
            Self::View(party, view) => write!(f, "view/{party}/{}", view.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_reads_back_and_a_foreign_network_is_not_read() {
        let net: NetId = "drill-1".parse().unwrap();
        let other: NetId = "drill-2".parse().unwrap();
        let party: PartyId = "440400".parse().unwrap();
        let mut topics = vec![
            Topic::Log(party),
            Topic::Digest(party),
            Topic::Want(party),
            Topic::Fill(party),
            Topic::Presence(party),
            Topic::Field(party),
            Topic::Order(party),
            Topic::Command(party),
            Topic::Reply(party),
            Topic::Clock,
            Topic::Step(party),
            Topic::Done(party),
        ];
        topics.extend(View::ALL.map(|view| Topic::View(party, view)));
        for topic in topics {
            assert_eq!(Topic::parse(net, &topic.on(net)), Some(topic));
            assert_eq!(Topic::parse(other, &topic.on(net)), None);
        }
        assert_eq!(Topic::parse(net, "liandong/1/drill-1/log/a/b"), None);
        assert_eq!(Topic::parse(net, "liandong/1/drill-1/log/+"), None);
    }

    #[test]
    fn a_filter_of_the_network_is_one_that_can_match_a_topic_of_it() {
        let net: NetId = "drill-1".parse().unwrap();
        let read = |below: &str| {
            let filter = format!("liandong/1/drill-1/{below}");
            Topic::filtered(net, &filter).map(str::to_owned)
        };
        for good in [
            "log/+/#",
            "#",
            "+",
            "+/#",
            "+/+",
            "+/440400",
            "clock",
            "log/+",
            "log/#",
            "log/440400",
            "view/#",
            "view/+/+",
            "view/+/units",
            "view/440400/#",
            "+/+/units",
            "done/+",
        ] {
            assert_eq!(read(good).as_deref(), Some(good), "{good}");
        }
        let long = format!("log/{}", "a".repeat(200));
        for bad in [
            "",
            "/",
            "log",
            "log/",
            "log/+/+",
            "log/no party",
            "clock/+",
            "clocks",
            "view/+",
            "view/+/roads",
            "+/+/+/+",
            "a#",
            "log#",
            "##",
            "#/log",
            &long,
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(Topic::filtered(net, "liandong/1/drill-2/log/+"), None);
        assert_eq!(Topic::filtered(net, "#"), None);
    }

    #[test]
    fn the_kinds_of_filters_are_those_of_topics() {
        let net: NetId = "drill-1".parse().unwrap();
        for kind in KINDS {
            let topic = format!("liandong/1/drill-1/{kind}/440400");
            assert!(Topic::parse(net, &topic).is_some(), "{kind}");
        }
    }
}
