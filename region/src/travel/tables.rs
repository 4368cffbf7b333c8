//! The tables of travel times that are kept, each as far as it was searched.

use std::collections::BTreeMap;

use crate::roads::{EdgeTimes, NodeIx, RoadConditions, Roads, TimesTo};

/// How many tables are kept: some 8 KiB each, so about 8 MiB for the largest region. When there are so
/// many, the half not asked for longest goes at once: to look for the oldest each time took as long as
/// many searches.
const TABLES_MAX: usize = 1_024;

/// For how many states of the roads edge times are kept: as each office was told, and as they are.
const STATES_MAX: usize = 64;

/// What has been searched already.
#[derive(Debug, Default)]
pub(super) struct Tables {
    kept: BTreeMap<(u64, NodeIx), Kept>,
    /// By the fingerprint of the conditions.
    edges: BTreeMap<u64, EdgeTimes>,
    /// Counts the questions, so that the table not asked for longest is known.
    asked: u64,
}

#[derive(Debug)]
struct Kept {
    asked: u64,
    times: TimesTo,
}

impl Tables {
    /// The travel times to a node, to be asked for those from others.
    pub(super) fn to(
        &mut self,
        roads: &Roads,
        conditions: &RoadConditions,
        node: NodeIx,
    ) -> &mut TimesTo {
        self.make_room();
        self.asked += 1;
        let key = (conditions.fingerprint(), node);
        let kept = self.kept.entry(key).or_insert_with(|| {
            let edges = self.edges.entry(key.0);
            let edges = edges.or_insert_with(|| roads.edge_times(conditions));
            Kept {
                asked: 0,
                times: roads.times_over(edges.clone(), node),
            }
        });
        kept.asked = self.asked;
        &mut kept.times
    }

    /// Makes room for one more of each before it is known whether one comes, which spares a look
    /// for what is mostly there.
    fn make_room(&mut self) {
        if self.edges.len() >= STATES_MAX {
            self.edges.clear();
        }
        if self.kept.len() >= TABLES_MAX {
            let mut asked: Vec<u64> = self.kept.values().map(|kept| kept.asked).collect();
            let (_, middle, _) = asked.select_nth_unstable(TABLES_MAX / 2);
            let middle = *middle;
            self.kept.retain(|_, kept| kept.asked >= middle);
        }
    }
}
