//! Rules about needs, offers, commitments and what is whose, each broken: the entry is void with that
//! code, changes nothing else, and is no hole.

use protocol::{
    AdvisoryId, AidId, AidOffer, AidOfferEnd, AidRequestUpdate, Audience, AuthorityAnswer,
    AuthorityAnswered, AuthorityAsked, Body, CommandAuthority, Decision, Kind, Moment,
    ProposalDecision, ProposedStep, Recall, Returned, StockStatus, UnitState, WarningLift,
};

use crate::bodies::{
    self, advisory, aid_id, commit, fence, incident, need_id, offer, offer_id, report, request,
    resource, resource_id, response, status, warning, warning_id,
};
use crate::breaking::{beginning, expect, out};
use crate::cast::{FIRST, Holder, SECOND, Scribe, party};

#[test]
fn r08_a_reference_to_what_the_log_does_not_hold_is_void() {
    let nowhere = AidOfferEnd {
        offer: offer_id(FIRST, 99),
        at: Moment(1),
    };
    let mut foreign_offer = commit(
        aid_id(FIRST, 20),
        resource_id(FIRST, "pump", 1),
        need_id(SECOND, 1),
        1,
    );
    foreign_offer.offer = Some(offer_id(SECOND, 3));
    expect(
        "R08",
        &[
            (
                "a need of no incident",
                Body::AidRequest(request(FIRST, 20, 99)),
            ),
            (
                "an update of no need",
                Body::AidRequestUpdate(AidRequestUpdate {
                    need: need_id(FIRST, 99),
                    quantity: 1,
                    audience: Audience::Region,
                    at: Moment(1),
                }),
            ),
            ("an end of no offer", Body::AidOfferEnd(nowhere)),
            (
                "a return of no commitment",
                Body::Returned(Returned {
                    aid: aid_id(FIRST, 99),
                    quantity: 1,
                    consumed: 0,
                    at: Moment(1),
                }),
            ),
            (
                "a lift of no warning",
                Body::WarningLift(WarningLift {
                    warning: warning_id(FIRST, 99),
                    at: Moment(1),
                }),
            ),
            (
                "a commitment out of somebody else's offer",
                Body::AidCommit(foreign_offer.into()),
            ),
        ],
    );
}

#[test]
fn r09_only_the_author_speaks_about_what_is_its_own() {
    let mut theirs = request(FIRST, 20, 1);
    theirs.need = need_id(SECOND, 1);
    let mut their_incident = request(FIRST, 20, 1);
    their_incident.incident = bodies::incident_id(SECOND, 1);
    let mut aid = out();
    aid.aid = aid_id(SECOND, 1);
    let pump = (resource_id(FIRST, "pump", 1), 1);
    let mut hazard = advisory(SECOND, 1, 5);
    hazard.advisory = AdvisoryId {
        author: party(SECOND),
        epoch: 1,
        number: 1,
    };
    expect(
        "R09",
        &[
            ("an incident", incident(report(SECOND, 1))),
            ("a need", Body::AidRequest(theirs)),
            (
                "a need of another's incident",
                Body::AidRequest(their_incident),
            ),
            (
                "an offer",
                Body::AidOffer(offer(offer_id(SECOND, 1), need_id(FIRST, 5), &[pump])),
            ),
            ("a commitment", Body::AidCommit(aid.into())),
            ("a warning", Body::Warning(warning(SECOND, 1, 0))),
            (
                "a lift",
                Body::WarningLift(WarningLift {
                    warning: warning_id(SECOND, 1),
                    at: Moment(1),
                }),
            ),
            ("a response", Body::Response(response(SECOND, 1, 0))),
            ("a hazard", Body::Advisory(hazard)),
        ],
    );
}

#[test]
fn r10_only_the_owner_changes_a_resource() {
    let theirs = resource_id(SECOND, "pump", 1);
    let line = [(theirs, 1)];
    expect(
        "R10",
        &[
            (
                "a state",
                Body::UnitStatus(status(theirs, UnitState::Available, None)),
            ),
            (
                "a count",
                Body::StockStatus(StockStatus {
                    resource: theirs,
                    on_hand: 1,
                    as_of: Moment(1),
                    reason: String::new(),
                    request: None,
                }),
            ),
            (
                "an offer",
                Body::AidOffer(offer(offer_id(FIRST, 20), need_id(SECOND, 1), &line)),
            ),
            (
                "a commitment",
                Body::AidCommit(commit(aid_id(FIRST, 20), theirs, need_id(FIRST, 5), 9).into()),
            ),
        ],
    );
}

fn recall(aid: AidId, command: u32) -> Recall {
    Recall {
        aid,
        fence: fence(command),
        reason: String::new(),
        at: Moment(50),
        ordered: None,
    }
}

#[test]
fn r11_a_step_that_the_lifecycle_does_not_have_is_void() {
    let [free, held, away] = [1, 2, 3].map(|number| resource_id(FIRST, "pump", number));
    let sand = resource_id(FIRST, "sand", 4);
    let recall = |aid, command| Body::Recall(recall(aid, command));
    let mut elsewhere = commit(aid_id(FIRST, 20), held, need_id(SECOND, 1), 1);
    elsewhere.offer = Some(offer_id(FIRST, 7));
    elsewhere.need = need_id(SECOND, 2);
    expect(
        "R11",
        &[
            (
                "working without a commitment",
                Body::UnitStatus(status(free, UnitState::Working, None)),
            ),
            (
                "working on another commitment",
                Body::UnitStatus(status(away, UnitState::Working, Some(aid_id(FIRST, 99)))),
            ),
            (
                "free out of a commitment",
                Body::UnitStatus(status(away, UnitState::Available, None)),
            ),
            (
                "a held unit committed without its offer",
                Body::AidCommit(commit(aid_id(FIRST, 20), held, need_id(FIRST, 5), 1).into()),
            ),
            (
                "a held unit committed to another need",
                Body::AidCommit(elsewhere.into()),
            ),
            ("a commitment made twice", Body::AidCommit(out().into())),
            (
                "a fence that stays",
                Body::AidCommit(commit(aid_id(FIRST, 20), away, need_id(FIRST, 5), 1).into()),
            ),
            ("a recall under the same fence", recall(aid_id(FIRST, 8), 1)),
            (
                "an update of an ended need",
                Body::AidRequestUpdate(AidRequestUpdate {
                    need: need_id(FIRST, 6),
                    quantity: 1,
                    audience: Audience::Region,
                    at: Moment(1),
                }),
            ),
            ("a need asked twice", Body::AidRequest(request(FIRST, 5, 1))),
            (
                "an offer of nothing",
                Body::AidOffer(offer(offer_id(FIRST, 20), need_id(SECOND, 1), &[])),
            ),
            (
                "a lifted warning updated",
                Body::Warning(warning(FIRST, 10, 1)),
            ),
            (
                "a stock that works",
                Body::UnitStatus(status(sand, UnitState::Working, None)),
            ),
            (
                "a unit that becomes a stock",
                Body::Resource(resource(free, Kind::Sandbag, 5)),
            ),
        ],
    );
}

#[test]
fn r11_an_offer_that_has_ended_commits_nothing_and_ends_once() {
    let mut scribe = Scribe::first_life(FIRST);
    let mut holder = Holder::informed();
    holder.hear(&scribe.entries[0]);
    for body in beginning() {
        let envelope = scribe.write(body);
        holder.hear(&envelope);
    }
    let end = Body::AidOfferEnd(AidOfferEnd {
        offer: offer_id(FIRST, 7),
        at: Moment(60),
    });
    let ended = scribe.write(end.clone());
    assert_eq!(holder.verdict(&ended), None);
    let again = scribe.write(end);
    assert_eq!(holder.verdict(&again), Some("R11"));
    let pump = resource_id(FIRST, "pump", 2);
    let mut late = commit(aid_id(FIRST, 20), pump, need_id(SECOND, 1), 1);
    late.offer = Some(offer_id(FIRST, 7));
    let late = scribe.write(Body::AidCommit(late.into()));
    assert_eq!(holder.verdict(&late), Some("R11"));
}

#[test]
fn r12_more_than_there_is_cannot_be_held_committed_or_brought_back() {
    let free = resource_id(FIRST, "pump", 1);
    let sand = resource_id(FIRST, "sand", 4);
    let lend = |lines: &[_]| -> AidOffer { offer(offer_id(FIRST, 20), need_id(SECOND, 1), lines) };
    let mut two = commit(aid_id(FIRST, 20), free, need_id(FIRST, 5), 1);
    two.quantity = 2;
    let mut heaps = commit(aid_id(FIRST, 20), sand, need_id(FIRST, 5), 1);
    heaps.quantity = 101;
    let mut nothing = request(FIRST, 20, 1);
    nothing.quantity = 0;
    let back = |quantity, consumed| {
        Body::Returned(Returned {
            aid: aid_id(FIRST, 8),
            quantity,
            consumed,
            at: Moment(60),
        })
    };
    expect(
        "R12",
        &[
            (
                "two of one unit offered",
                Body::AidOffer(lend(&[(free, 2)])),
            ),
            ("none offered", Body::AidOffer(lend(&[(free, 0)]))),
            (
                "a unit offered twice",
                Body::AidOffer(lend(&[(free, 1), (free, 1)])),
            ),
            (
                "a stock offered twice",
                Body::AidOffer(lend(&[(sand, 60), (sand, 60)])),
            ),
            (
                "a held unit offered",
                Body::AidOffer(lend(&[(resource_id(FIRST, "pump", 2), 1)])),
            ),
            ("two of one unit committed", Body::AidCommit(two.into())),
            ("101 of 100 committed", Body::AidCommit(heaps.into())),
            ("nothing asked", Body::AidRequest(nothing)),
            ("two of one back", back(1, 1)),
            ("more back than can be counted", back(u32::MAX, 2)),
        ],
    );
}

#[test]
fn an_office_decides_about_its_own_part_of_a_plan_alone() {
    let said = |proposed, decision| {
        Body::ProposalDecision(ProposalDecision {
            proposed,
            decision,
            by: "desk".into(),
            at: Moment(1),
        })
    };
    let (ours, theirs) = (
        resource_id(FIRST, "pump", 1),
        resource_id(SECOND, "pump", 1),
    );
    let send = |author, resource| ProposedStep::Dispatch {
        need: need_id(author, 1),
        resource,
        quantity: 1,
    };
    let another_s_need = said(send(SECOND, ours), Decision::Accept);
    expect("R09", &[("a step for another's need", another_s_need)]);
    let change = Decision::Change { instead: theirs };
    expect(
        "R10",
        &[
            (
                "a step of another's unit",
                said(send(FIRST, theirs), Decision::Accept),
            ),
            ("another's unit instead", said(send(FIRST, ours), change)),
        ],
    );
    let reason = "x".repeat(protocol::limit::TEXT_CHARS + 1);
    let long = said(send(FIRST, ours), Decision::Decline { reason });
    expect("R07", &[("a reason without end", long)]);
}

#[test]
fn a_unit_s_authority_is_asked_while_it_is_free_and_answered_once_for_what_was_asked() {
    let unit = resource_id(FIRST, "pump", 1);
    let asked = |unit| AuthorityAsked {
        unit,
        need: need_id(FIRST, 5),
        command_authority: CommandAuthority::FloodHeadquarters,
        by: "desk".into(),
        at: Moment(50),
    };
    let answered = |unit, post: &str| {
        Body::AuthorityAnswered(AuthorityAnswered {
            unit,
            need: need_id(FIRST, 5),
            answer: AuthorityAnswer::Granted,
            post: post.into(),
            by: "desk".into(),
            at: Moment(51),
        })
    };
    let theirs = Body::AuthorityAsked(asked(resource_id(SECOND, "pump", 1)));
    expect("R10", &[("another's unit", theirs)]);
    let out = Body::AuthorityAsked(asked(resource_id(FIRST, "pump", 3)));
    let sand = Body::AuthorityAsked(asked(resource_id(FIRST, "sand", 4)));
    expect("R11", &[("a unit that is out", out), ("a stock", sand)]);
    expect(
        "R08",
        &[("an answer to nothing", answered(unit, "headquarters"))],
    );
    let nobody = Body::AuthorityAsked(AuthorityAsked {
        by: " ".into(),
        ..asked(unit)
    });
    expect(
        "R15",
        &[
            ("asked by nobody", nobody),
            ("answered by nobody", answered(unit, "")),
        ],
    );
}
