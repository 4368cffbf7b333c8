//! Topic filters: which are well-formed, what they match, and a tree of those in use
//! (MQTT 3.1.1, 4.7).

use crate::limit::TOPIC_BYTES;

mod tree;
pub(crate) use tree::{Change, Tree};

/// Levels that a filter may have. The standard has no limit; this is ours.
///
/// It bounds how deep a [`Tree`] is and with it what is on the stack. Ours have below 10 levels;
/// AWS IoT Core takes 8.
pub(crate) const LEVELS: usize = 32;

/// Bytes that a filter may have. The standard allows 65,535; a session has many filters, and they are kept.
pub(crate) const FILTER_BYTES: usize = TOPIC_BYTES;

/// What stands for any one level (MQTT 3.1.1, 4.7.1.3).
const ONE: &str = "+";

/// What stands for a level and all below it, even none (MQTT 3.1.1, 4.7.1.2).
const REST: &str = "#";

/// Whether this is a filter that may be subscribed to.
///
/// A wildcard stands alone in its level, and `#` in the last one. There are at most [`LEVELS`]
/// levels and [`FILTER_BYTES`] bytes, at least one character, and no U+0000.
pub(crate) fn is_filter(filter: &str) -> bool {
    if filter.is_empty() || filter.len() > FILTER_BYTES || filter.contains('\0') {
        return false;
    }
    let mut levels = filter.split('/');
    let mut count = 0;
    while let Some(level) = levels.next() {
        count += 1;
        let last = levels.clone().next().is_none();
        let good = match level {
            REST => last,
            ONE => true,
            name => !name.contains(['+', '#']),
        };
        if !good || count > LEVELS {
            return false;
        }
    }
    true
}

/// Whether a filter matches the name of a topic.
///
/// `a/#` matches `a` too. A filter that begins with a wildcard matches no topic that begins with
/// `$` (MQTT 3.1.1, 4.7.2). What is no filter matches something or nothing, and does no harm.
pub(crate) fn matches(filter: &str, topic: &str) -> bool {
    if is_hidden(topic) && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        if wanted == REST {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == ONE || wanted == level => (),
            _ => return false,
        }
    }
    levels.next().is_none()
}

/// Whether a topic is the broker's own business, which a leading wildcard does not see.
fn is_hidden(topic: &str) -> bool {
    topic.starts_with('$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_alone_and_the_last_one_last() {
        for good in [
            "a", "/", "//", "+", "#", "/#", "+/#", "a/+/b", "+/+", "a/#", "$SYS/#", " ", "灾/+",
        ] {
            assert!(is_filter(good), "{good}");
        }
        for bad in [
            "", "a#", "#/", "#/a", "a/#/b", "##", "a/b#", "a+", "+a/b", "a/++", "+#", "a/#+",
            "a\0b",
        ] {
            assert!(!is_filter(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_filter_has_at_most_32_levels_and_as_many_bytes_as_a_topic() {
        let levels = |count: usize| vec!["a"; count].join("/");
        assert!(is_filter(&levels(LEVELS)));
        assert!(!is_filter(&levels(LEVELS + 1)));
        assert!(is_filter(&"/".repeat(LEVELS - 1)));
        assert!(!is_filter(&"/".repeat(LEVELS)));
        assert!(is_filter(&"a".repeat(FILTER_BYTES)));
        assert!(!is_filter(&"a".repeat(FILTER_BYTES + 1)));
    }

    #[test]
    fn the_examples_of_the_standard_hold() {
        for (filter, topic) in [
            ("sport/tennis/player1/#", "sport/tennis/player1"),
            ("sport/tennis/player1/#", "sport/tennis/player1/ranking"),
            (
                "sport/tennis/player1/#",
                "sport/tennis/player1/score/wimbledon",
            ),
            ("sport/#", "sport"),
            ("#", "a/b/c"),
            ("sport/tennis/+", "sport/tennis/player1"),
            ("sport/+", "sport/"),
            ("+/+", "/finance"),
            ("/+", "/finance"),
            ("$SYS/#", "$SYS/monitor"),
            ("$SYS/monitor/+", "$SYS/monitor/Clients"),
            ("+/tennis/#", "sport/tennis"),
        ] {
            assert!(matches(filter, topic), "{filter} matches {topic}");
        }
        for (filter, topic) in [
            ("sport/tennis/+", "sport/tennis/player1/ranking"),
            ("sport/+", "sport"),
            ("+", "/finance"),
            ("#", "$SYS/monitor"),
            ("+/monitor/Clients", "$SYS/monitor/Clients"),
            ("ACCOUNTS", "Accounts"),
            ("/finance", "finance"),
            ("a/b", "a"),
            ("a", "a/b"),
            ("a/+/#", "a"),
        ] {
            assert!(!matches(filter, topic), "{filter} does not match {topic}");
        }
    }

    #[test]
    fn a_dollar_that_is_not_the_first_character_hides_nothing() {
        assert!(matches("#", "a/$b") && matches("a/+", "a/$b") && matches("$a/+", "$a/b"));
    }
}
