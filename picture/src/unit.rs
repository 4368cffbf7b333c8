//! The lifecycle of a unit (domain.md, section 4): which step may follow which.

use protocol::{UnitState, UnitStatus};

/// What a unit's own state report may change, seen from where the unit is.
///
/// Reports get lost on the way, so a report may skip states forward; it never goes back, except
/// between staged and working. Into and out of a commitment only the owner's decisions lead.
pub fn may_report(from: UnitState, to: UnitState) -> bool {
    use UnitState::{
        Available, Damaged, EnRouteHome, EnRouteOut, Lost, Mobilising, OutOfService, Rehab, Staged,
        Working,
    };
    match (from, to) {
        (Available | OutOfService | Damaged | Lost, Available | OutOfService)
        | (Rehab, Rehab)
        | (Working, Staged) => true,
        (_, Lost | Damaged) => !matches!(from, Lost | Damaged),
        (_, Mobilising | EnRouteOut | Staged | Working) => {
            outward(from).is_some_and(|from| outward(to).is_some_and(|to| from <= to))
        }
        (_, EnRouteHome | Rehab) => {
            homeward(from).is_some_and(|from| homeward(to).is_some_and(|to| from <= to))
        }
        _ => false,
    }
}

/// Whether the unit serves a commitment, on its way out, at work or on its way home.
pub fn is_deployed(state: UnitState) -> bool {
    outward(state).is_some() || homeward(state).is_some()
}

/// Whether the unit could be turned to another commitment by a greater fence (redirect): on its way
/// there, before it works, or on its way home.
pub fn may_divert(state: UnitState) -> bool {
    outward(state).is_some_and(|step| step < 5) || homeward(state).is_some_and(|step| step < 3)
}

/// Whether the owner may order the unit home.
pub fn may_order_home(state: UnitState) -> bool {
    outward(state).is_some()
}

/// Whether a unit's state changes what a need still asks, or what could serve another. Its way there
/// and home, most of what units say, does not.
pub fn frees_or_ends(status: &UnitStatus) -> bool {
    let frees = matches!(
        status.state,
        UnitState::Available | UnitState::Lost | UnitState::Damaged
    );
    frees || status.work_done
}

fn outward(state: UnitState) -> Option<u8> {
    match state {
        UnitState::Committed => Some(1),
        UnitState::Mobilising => Some(2),
        UnitState::EnRouteOut => Some(3),
        UnitState::Staged => Some(4),
        UnitState::Working => Some(5),
        _ => None,
    }
}

fn homeward(state: UnitState) -> Option<u8> {
    match state {
        UnitState::Released | UnitState::Recalled => Some(1),
        UnitState::EnRouteHome => Some(2),
        UnitState::Rehab => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use UnitState::{Available, Committed, EnRouteHome, EnRouteOut, Held, Staged, Working};

    #[test]
    fn a_lost_report_is_skipped_and_an_old_one_changes_nothing() {
        assert!(may_report(Committed, Working));
        assert!(may_report(Staged, Working) && may_report(Working, Staged));
        assert!(!may_report(Working, EnRouteOut));
    }

    #[test]
    fn nothing_reports_itself_into_or_out_of_a_commitment() {
        assert!(!may_report(Available, Working));
        assert!(!may_report(Held, Working));
        assert!(!may_report(Working, EnRouteHome));
        assert!(!may_report(Working, Available));
        assert!(!may_report(Available, Held));
    }

    #[test]
    fn a_unit_at_work_is_not_diverted() {
        assert!(may_divert(EnRouteOut) && may_divert(EnRouteHome));
        assert!(!may_divert(Working));
    }
}
