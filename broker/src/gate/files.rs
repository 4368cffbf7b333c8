//! How many files the process of a gate may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::CONNECTIONS;

/// Files of a gate's process that are no connections of its clients: journals, links to other buses, logs,
/// and what is opened for a moment.
const RESERVE: usize = 256;

/// How many files this process may have open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files(usize);

impl Files {
    /// So many.
    pub fn of(count: usize) -> Self {
        Self(count)
    }

    /// As many as the system lets this process have, from now on. Most systems begin at 1,024, for programs
    /// of old that cannot count further, and let a process have more if it asks: without these, strangers
    /// from a dozen addresses would leave no file to the office beside the gate.
    pub fn raised() -> Self {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let all = Rlimit {
            current: maximum,
            maximum,
        };
        let raised = setrlimit(Resource::Nofile, all).is_ok();
        let count = if raised { maximum } else { current };
        // No number is no bound.
        let count = count.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
        Self(count)
    }

    /// How many.
    pub fn count(self) -> usize {
        self.0
    }

    /// For how many connections at a time a gate has room then, with those that have not said who they are.
    pub fn connections(self) -> usize {
        self.0.saturating_sub(RESERVE).clamp(1, CONNECTIONS)
    }

    /// Whether a gate has less room than it could use.
    pub fn are_few(self) -> bool {
        self.connections() < CONNECTIONS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_has_room_for_no_more_connections_than_its_process_may_have_files() {
        let connections = |files| Files::of(files).connections();
        assert_eq!(connections(1_024), 1_024 - RESERVE);
        assert_eq!(connections(usize::MAX), CONNECTIONS);
        assert_eq!(connections(10), 1, "it listens all the same");
        assert!(Files::of(1_024).are_few() && !Files::of(65_536).are_few());
    }

    #[test]
    fn a_process_has_as_many_files_as_the_system_lets_it() {
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let few = Rlimit {
            current: maximum.map(|it| it.min(2_048)),
            maximum,
        };
        setrlimit(Resource::Nofile, few).unwrap();
        let raised = Files::raised();
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
        assert_eq!(
            u64::try_from(raised.count()).ok(),
            maximum.or(Some(u64::MAX))
        );
    }
}
