//! Who subscribed to what, by levels, so that a topic finds its subscribers without trying all.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::str::Split;

use super::{ONE, REST, is_filter, is_hidden};
use crate::codec::packet::Qos;

/// The subscriptions of all keys. A level that nobody needs any more is gone.
///
/// It is as deep as [`LEVELS`](super::LEVELS) at most. A level of its own costs about 400 bytes,
/// however short its name: whoever lets strangers in limits how many filters each may have.
#[derive(Debug)]
pub(crate) struct Tree<T> {
    root: Node<T>,
}

/// What became of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// The key had not subscribed to this filter.
    Added,
    /// The key had, and has the new QoS now.
    Replaced,
    /// This is no filter, and nothing changed.
    Refused,
}

/// One level of filters.
#[derive(Debug)]
struct Node<T> {
    /// Levels below that have a name.
    named: BTreeMap<Box<str>, Box<Self>>,
    /// The level below that is `+`.
    any: Option<Box<Self>>,
    /// Who subscribed to a filter that ends here.
    here: BTreeMap<T, Qos>,
    /// Who subscribed to a filter that ends here with `/#`.
    rest: BTreeMap<T, Qos>,
}

impl<T: Ord + Copy> Tree<T> {
    /// A tree without subscriptions.
    pub(crate) fn new() -> Self {
        Self { root: Node::new() }
    }

    /// Whether nobody has subscribed to anything.
    #[cfg(any(test, feature = "promises"))]
    pub(crate) fn is_empty(&self) -> bool {
        self.root.is_empty()
    }

    /// Subscribes a key to a filter. A second time only the QoS changes (MQTT 3.1.1, 3.8.4).
    pub(crate) fn insert(&mut self, filter: &str, key: T, qos: Qos) -> Change {
        if !is_filter(filter) {
            return Change::Refused;
        }
        match self.root.at(filter).insert(key, qos) {
            Some(_) => Change::Replaced,
            None => Change::Added,
        }
    }

    /// Ends the subscription of a key to exactly this filter, and says whether there was one.
    pub(crate) fn remove(&mut self, filter: &str, key: T) -> bool {
        is_filter(filter) && self.root.remove(filter.split('/'), key)
    }

    /// Ends the subscriptions of a key to these filters, which are all that it has.
    pub(crate) fn remove_all(
        &mut self,
        key: T,
        filters: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        for filter in filters {
            self.remove(filter.as_ref(), key);
        }
    }

    /// Puts into `found` alone who hears this topic: each key once and in order.
    ///
    /// Of several filters of a key that match, the greatest QoS counts (MQTT 3.1.1, 3.3.5). No level
    /// is visited twice, so that this takes at most as long as there are filters.
    pub(crate) fn collect(&self, topic: &str, found: &mut Vec<(T, Qos)>) {
        found.clear();
        let levels = topic.split('/');
        if is_hidden(topic) {
            self.root.collect_named(levels, found);
        } else {
            self.root.collect(levels, found);
        }
        found.sort_unstable_by_key(|(key, qos)| (*key, Reverse(*qos)));
        found.dedup_by_key(|(key, _)| *key);
    }
}

impl<T: Ord + Copy> Default for Tree<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Ord + Copy> Node<T> {
    fn new() -> Self {
        Self {
            named: BTreeMap::new(),
            any: None,
            here: BTreeMap::new(),
            rest: BTreeMap::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.named.is_empty() && self.any.is_none() && self.here.is_empty() && self.rest.is_empty()
    }

    /// The subscribers of a filter, with all levels that lead there.
    fn at(&mut self, filter: &str) -> &mut BTreeMap<T, Qos> {
        let mut node = self;
        for level in filter.split('/') {
            node = match level {
                REST => return &mut node.rest,
                ONE => node.any.get_or_insert_with(|| Box::new(Self::new())),
                name => node
                    .named
                    .entry(Box::from(name))
                    .or_insert_with(|| Box::new(Self::new())),
            };
        }
        &mut node.here
    }

    /// Removes a subscription, and on the way back each level that is empty now.
    fn remove(&mut self, mut levels: Split<'_, char>, key: T) -> bool {
        match levels.next() {
            None => self.here.remove(&key).is_some(),
            Some(REST) => self.rest.remove(&key).is_some(),
            Some(ONE) => {
                let Some(node) = &mut self.any else {
                    return false;
                };
                let removed = node.remove(levels, key);
                if node.is_empty() {
                    self.any = None;
                }
                removed
            }
            Some(name) => {
                let Some(node) = self.named.get_mut(name) else {
                    return false;
                };
                let removed = node.remove(levels, key);
                if node.is_empty() {
                    self.named.remove(name);
                }
                removed
            }
        }
    }

    /// Who hears a topic of which these levels are left.
    fn collect(&self, levels: Split<'_, char>, found: &mut Vec<(T, Qos)>) {
        found.extend(self.rest.iter().map(|(key, qos)| (*key, *qos)));
        if let Some(node) = &self.any {
            let mut below = levels.clone();
            if below.next().is_some() {
                node.collect(below, found);
            }
        }
        self.collect_named(levels, found);
    }

    /// The same but for those whose filter has a wildcard here.
    fn collect_named(&self, mut levels: Split<'_, char>, found: &mut Vec<(T, Qos)>) {
        match levels.next() {
            None => found.extend(self.here.iter().map(|(key, qos)| (*key, *qos))),
            Some(level) => {
                if let Some(node) = self.named.get(level) {
                    node.collect(levels, found);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::codec::filter::{LEVELS, matches};

    /// The greatest QoS of each key by the definition, without a tree.
    fn by_definition(held: &BTreeMap<(u8, String), Qos>, topic: &str) -> Vec<(u8, Qos)> {
        let mut found = BTreeMap::new();
        for ((key, filter), qos) in held {
            if matches(filter, topic) {
                let greatest = found.entry(*key).or_insert(*qos);
                *greatest = (*greatest).max(*qos);
            }
        }
        found.into_iter().collect()
    }

    fn heard(tree: &Tree<u8>, topic: &str) -> Vec<(u8, Qos)> {
        let mut found = vec![(99, Qos::AtMostOnce)];
        tree.collect(topic, &mut found);
        found
    }

    /// Levels in all of the tree but the root.
    fn levels(node: &Node<u8>) -> usize {
        let below = node.named.values().chain(&node.any);
        below.map(|node| 1 + levels(node)).sum()
    }

    #[test]
    fn who_subscribed_twice_hears_once_with_the_greatest_qos() {
        let mut tree = Tree::new();
        tree.insert("a/#", 1, Qos::AtMostOnce);
        tree.insert("a/+", 1, Qos::ExactlyOnce);
        tree.insert("a/b", 1, Qos::AtLeastOnce);
        tree.insert("#", 0, Qos::AtMostOnce);
        let both = vec![(0, Qos::AtMostOnce), (1, Qos::ExactlyOnce)];
        assert_eq!(heard(&tree, "a/b"), both);
    }

    #[test]
    fn a_filter_subscribed_to_again_has_the_new_qos() {
        let mut tree = Tree::new();
        assert_eq!(tree.insert("a", 1, Qos::ExactlyOnce), Change::Added);
        assert_eq!(tree.insert("a", 1, Qos::AtMostOnce), Change::Replaced);
        assert_eq!(heard(&tree, "a"), [(1, Qos::AtMostOnce)]);
    }

    #[test]
    fn what_is_no_filter_leaves_no_trace() {
        let mut tree = Tree::new();
        tree.insert("a/#", 1, Qos::AtMostOnce);
        for bad in ["", "a/#/b", "a+", &"a/".repeat(LEVELS)] {
            assert_eq!(tree.insert(bad, 1, Qos::AtMostOnce), Change::Refused);
            assert!(!tree.remove(bad, 1));
        }
        assert_eq!(levels(&tree.root), 1);
    }

    #[test]
    fn only_the_filter_itself_ends_a_subscription() {
        let mut tree = Tree::new();
        tree.insert("a/+", 1, Qos::AtMostOnce);
        for (other, key) in [("a/b", 1), ("a/#", 1), ("#", 1), ("a", 1), ("a/+", 2)] {
            assert!(!tree.remove(other, key), "{other} of {key}");
        }
        assert!(tree.remove("a/+", 1) && !tree.remove("a/+", 1));
        assert!(tree.is_empty());
    }

    #[test]
    fn the_deepest_filter_and_a_topic_of_a_thousand_levels_meet() {
        let mut tree = Tree::new();
        let deepest = "+/".repeat(LEVELS - 1) + "#";
        assert_eq!(tree.insert(&deepest, 1, Qos::AtMostOnce), Change::Added);
        assert_eq!(heard(&tree, &"a/".repeat(1_000)), [(1, Qos::AtMostOnce)]);
        assert_eq!(heard(&tree, "a/a"), []);
    }

    fn path(level: Vec<&'static str>) -> impl Strategy<Value = String> {
        prop::collection::vec(select(level), 1..5).prop_map(|levels| levels.join("/"))
    }

    fn filters() -> impl Strategy<Value = String> {
        let above = prop::collection::vec(select(vec!["a", "b", "", "$a", "+"]), 0..4);
        // The slash makes two empty levels: a single one, alone, would be no filter.
        let last = select(vec!["a", "b", "/", "$a", "+", "#"]);
        (above, last).prop_map(|(mut levels, last)| {
            levels.push(last);
            levels.join("/")
        })
    }

    fn some_qos() -> impl Strategy<Value = Qos> {
        select(vec![Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce])
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_tree_finds_whom_the_filters_match(
            asked in prop::collection::vec((0..4_u8, filters(), some_qos()), 0..40),
            ended in prop::collection::vec((0..4_u8, filters()), 0..20),
            topics in prop::collection::vec(path(vec!["a", "b", "", "$a"]), 1..20),
        ) {
            let mut tree = Tree::new();
            let mut held = BTreeMap::new();
            for (key, filter, qos) in asked {
                let change = tree.insert(&filter, key, qos);
                let before = held.insert((key, filter), qos);
                prop_assert_eq!(change == Change::Replaced, before.is_some());
            }
            for (key, filter) in ended {
                let removed = tree.remove(&filter, key);
                prop_assert_eq!(removed, held.remove(&(key, filter)).is_some());
            }
            for topic in topics {
                prop_assert_eq!(heard(&tree, &topic), by_definition(&held, &topic), "{}", topic);
            }
        }

        #[test]
        fn a_tree_whose_subscriptions_went_is_as_it_was_before_them(
            stay in prop::collection::vec(filters(), 0..10),
            go in prop::collection::vec(filters(), 0..30),
        ) {
            let mut tree = Tree::new();
            for filter in &stay {
                tree.insert(filter, 1, Qos::AtMostOnce);
            }
            let before = levels(&tree.root);
            for filter in &go {
                tree.insert(filter, 2, Qos::AtMostOnce);
            }
            tree.remove_all(2, &go);
            prop_assert_eq!(levels(&tree.root), before);
            tree.remove_all(1, &stay);
            prop_assert!(tree.is_empty());
        }
    }
}
