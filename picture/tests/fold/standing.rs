//! Units that stand by: free where they stand, held once, turned with a fence like any other.

use picture::AidState;
use protocol::{Body, UnitState};

use crate::bodies::{aid_id, commit, need_id, offer, offer_id};
use crate::cast::{FIRST, SECOND, party};
use crate::lifecycle::Fleet;

#[test]
fn who_stands_by_is_free_there_and_what_it_left_for_work_stays_covered() {
    let mut fleet = Fleet::new();
    let unit = fleet.unit;
    let mut out = commit(aid_id(FIRST, 1), unit, need_id(FIRST, 1), 1);
    out.stands_by = true;
    fleet.stands(Body::AidCommit(out.into()));
    let free = |fleet: &Fleet| {
        let own = fleet.holder.picture.state(party(FIRST)).unwrap();
        own.holdings[&unit].free()
    };
    assert_eq!(free(&fleet), 0, "it is on its way");
    fleet.reports(UnitState::Staged, 1);
    assert_eq!(free(&fleet), 1);
    let need = need_id(SECOND, 1);
    let hold = |number| Body::AidOffer(offer(offer_id(FIRST, number), need, &[(unit, 1)]));
    fleet.stands(hold(5));
    assert_eq!((fleet.state(), free(&fleet)), (UnitState::Staged, 0));
    assert_eq!(fleet.says(hold(6)), Some("R12"), "held once");
    let turn = |of: Option<u32>, command| {
        let mut turn = commit(aid_id(FIRST, 7), unit, need, command);
        turn.offer = of.map(|number| offer_id(FIRST, number));
        turn.turned_from = Some(aid_id(FIRST, 1));
        Body::AidCommit(turn.into())
    };
    assert_eq!(fleet.says(turn(None, 2)), Some("R11"), "held for another");
    let mut again = commit(aid_id(FIRST, 9), unit, need, 2);
    again.offer = Some(offer_id(FIRST, 5));
    again.turned_from = Some(aid_id(FIRST, 1));
    again.stands_by = true;
    let told = fleet.says(Body::AidCommit(again.into()));
    assert_eq!(told, Some("R11"), "it stands by already");
    fleet.stands(turn(Some(5), 2));
    assert_eq!(fleet.aid(1), AidState::Redirected);
    let covered = fleet.holder.picture.coverage(need_id(FIRST, 1)).covered;
    assert_eq!(covered, 1, "nobody is asked in its place");
}
