//! Every rule of the fold, broken once: the entry is void with that code, changes nothing else, and
//! is no hole.

use picture::Void;
use protocol::{
    AdvisoryId, AidCommit, AidOffer, AidOfferEnd, AidRequestUpdate, AidWithdraw, Audience, Body,
    Content, Count, Counts, Datum, DutyNote, Envelope, HazardShape, IncidentReport, Kind, Level,
    Moment, NeedEnd, Point, Recall, ReportKind, Returned, RoadState, StockStatus, UnitState,
    WarningLift,
};

use crate::bodies::{
    self, PLACE, accept, advisory, aid_id, commit, fence, follow_up, incident, need_id, offer,
    offer_id, report, request, resource, resource_id, response, road, status, warning, warning_id,
};
use crate::cast::{FIRST, Holder, SECOND, Scribe, party};

/// A log in which everything exists once: a closed and an open incident, a need, units that are
/// free, held and out, a stock, a warning in force and one lifted.
fn beginning() -> Vec<Body> {
    let unit = |number| resource(resource_id(FIRST, "pump", number), Kind::Pump, 1);
    let held = (resource_id(FIRST, "pump", 2), 1);
    vec![
        incident(report(FIRST, 1)),
        incident(report(FIRST, 2)),
        incident(follow_up(FIRST, 2, 1, ReportKind::Final)),
        Body::Resource(unit(1)),
        Body::Resource(unit(2)),
        Body::Resource(unit(3)),
        Body::Resource(resource(resource_id(FIRST, "sand", 4), Kind::Sandbag, 100)),
        Body::AidRequest(request(FIRST, 5, 1)),
        Body::AidRequest(request(FIRST, 6, 1)),
        Body::AidWithdraw(AidWithdraw {
            need: need_id(FIRST, 6),
            reason: NeedEnd::Served,
            at: Moment(8),
        }),
        Body::AidOffer(offer(offer_id(FIRST, 7), need_id(SECOND, 1), &[held])),
        Body::AidCommit(out()),
        Body::Warning(warning(FIRST, 9, 0)),
        Body::Warning(warning(FIRST, 10, 0)),
        Body::WarningLift(WarningLift {
            warning: warning_id(FIRST, 10),
            at: Moment(9),
        }),
        Body::Response(response(FIRST, 11, 0)),
    ]
}

/// The commitment of the third pump, under its first command.
fn out() -> AidCommit {
    let pump = resource_id(FIRST, "pump", 3);
    commit(aid_id(FIRST, 8), pump, need_id(FIRST, 5), 1)
}

/// Breaks a rule in a log where everything exists.
fn expect(code: &str, breaks: &[(&str, Body)]) {
    for (what, body) in breaks {
        let mut scribe = Scribe::first_life(FIRST);
        let mut holder = Holder::informed();
        holder.hear(&scribe.entries[0]);
        for body in beginning() {
            let kind = body.kind();
            let envelope = scribe.write(body);
            assert_eq!(holder.verdict(&envelope), None, "{kind} of the beginning");
        }
        let before = holder.picture.state(party(FIRST)).unwrap().clone();
        let trial = before.trial(party(FIRST), body).err();
        let envelope = scribe.write(body.clone());
        let found = holder.verdict(&envelope);
        assert_eq!(found, Some(code), "{what}");
        assert_eq!(
            trial.as_ref().map(Void::code),
            Some(code),
            "{what}: on trial"
        );
        let mut after = holder.picture.state(party(FIRST)).unwrap().clone();
        let last = after.voids.pop().unwrap();
        assert_eq!(
            (last.code, last.seq),
            (code, envelope.header().seq),
            "{what}"
        );
        assert_eq!(after.void_count, before.void_count + 1);
        after.void_count = before.void_count;
        after.folded = before.folded;
        assert!(after == before, "{what}: something else changed");
        // No hole: the next entry is read.
        let next = scribe.write(Body::DutyNote(DutyNote {
            incident: None,
            by: "desk".into(),
            text: "and on".into(),
            at: Moment(99),
        }));
        assert_eq!(holder.verdict(&next), None, "{what}: what follows");
        let version = holder.picture.version();
        assert_eq!(version[&scribe.log].0, next.header().seq);
    }
}

fn changed(change: impl FnOnce(&mut IncidentReport)) -> Body {
    let mut it = report(FIRST, 20);
    change(&mut it);
    incident(it)
}

#[test]
fn r07_a_text_or_a_list_beyond_its_limit_is_void() {
    let pump = resource_id(FIRST, "pump", 1);
    let lines = vec![(pump, 1); 513];
    let mut no_roads = road("r-1", RoadState::Closed, 5);
    no_roads.roads.clear();
    let ring = vec![PLACE; 1_025];
    let mut long_ring = advisory(FIRST, 20, 5);
    long_ring.shape = HazardShape::Polygon(ring);
    let mut wide = warning(FIRST, 20, 0);
    wide.areas = vec![protocol::AreaCode(1); 513];
    expect(
        "R07",
        &[
            (
                "a summary of 161 characters",
                changed(|it| it.summary = "字".repeat(161)),
            ),
            (
                "a place of 2,001 characters",
                changed(|it| it.place = "x".repeat(2_001)),
            ),
            (
                "513 measures",
                changed(|it| it.measures = vec![String::new(); 513]),
            ),
            (
                "513 lines",
                Body::AidOffer(offer(offer_id(FIRST, 20), need_id(SECOND, 1), &lines)),
            ),
            (
                "nothing accepted",
                Body::AidAccept(accept(need_id(FIRST, 5), offer_id(SECOND, 1), &[])),
            ),
            ("no roads", Body::RoadStatus(no_roads)),
            ("1,025 corners", Body::Advisory(long_ring)),
            ("513 areas", Body::Warning(wide)),
        ],
    );
}

#[test]
fn r07_a_body_of_an_unknown_kind_is_void_and_no_hole() {
    let mut scribe = Scribe::first_life(FIRST);
    let mut holder = Holder::informed();
    holder.hear(&scribe.entries[0]);
    let known = scribe.draft(Body::HomeFloor(protocol::HomeFloor {
        kind: Kind::Pump,
        keep: 1,
    }));
    let body = r#"{"type":"from-the-future","what":1}"#;
    let mut header = known.header().clone();
    header.body = protocol::Hash::of(body.as_bytes());
    let header = serde_json::to_string(&header).unwrap();
    let line = format!("{header}\t{body}\t{}", "00".repeat(64));
    let envelope = std::sync::Arc::new(Envelope::read(&line).unwrap());
    assert!(matches!(envelope.content(), Content::Unreadable(_)));
    assert_eq!(holder.verdict(&envelope), Some("R07"));
    scribe.entries.push(envelope);
    let next = scribe.write(incident(report(FIRST, 1)));
    assert_eq!(holder.verdict(&next), None);
}

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
                Body::AidCommit(foreign_offer),
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
            ("a commitment", Body::AidCommit(aid)),
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
                Body::AidCommit(commit(aid_id(FIRST, 20), theirs, need_id(FIRST, 5), 9)),
            ),
        ],
    );
}

#[test]
fn r11_a_step_that_the_lifecycle_does_not_have_is_void() {
    let [free, held, away] = [1, 2, 3].map(|number| resource_id(FIRST, "pump", number));
    let sand = resource_id(FIRST, "sand", 4);
    let recall = |aid, command| {
        Body::Recall(Recall {
            aid,
            fence: fence(command),
            reason: String::new(),
            at: Moment(50),
        })
    };
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
                Body::AidCommit(commit(aid_id(FIRST, 20), held, need_id(FIRST, 5), 1)),
            ),
            (
                "a held unit committed to another need",
                Body::AidCommit(elsewhere),
            ),
            ("a commitment made twice", Body::AidCommit(out())),
            (
                "a fence that stays",
                Body::AidCommit(commit(aid_id(FIRST, 20), away, need_id(FIRST, 5), 1)),
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
    let late = scribe.write(Body::AidCommit(late));
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
            ("two of one unit committed", Body::AidCommit(two)),
            ("101 of 100 committed", Body::AidCommit(heaps)),
            ("nothing asked", Body::AidRequest(nothing)),
            ("two of one back", back(1, 1)),
            ("more back than can be counted", back(u32::MAX, 2)),
        ],
    );
}

#[test]
fn r13_what_happened_is_known_before_it_is_reported() {
    expect(
        "R13",
        &[
            (
                "known before it happened",
                changed(|it| it.occurred_at = Moment(9)),
            ),
            (
                "reported before it was known",
                changed(|it| it.known_at = Moment(9)),
            ),
        ],
    );
}

#[test]
fn r14_a_place_that_cannot_be_is_void() {
    let nowhere = Point(181_000_000, 0);
    let mut depot = resource(resource_id(FIRST, "pump", 20), Kind::Pump, 1);
    depot.point = nowhere;
    let mut ask = request(FIRST, 20, 1);
    ask.report_to = nowhere;
    let shaped = |corners: Vec<Point>| {
        let mut it = advisory(FIRST, 20, 5);
        it.shape = HazardShape::Polygon(corners);
        Body::Advisory(it)
    };
    let mut quick = road("r-1", RoadState::Slow, 5);
    quick.travel_percent = Some(90);
    expect(
        "R14",
        &[
            ("GCJ-02", changed(|it| it.datum = Datum::Gcj02)),
            ("off the earth", changed(|it| it.point = Some(nowhere))),
            ("a depot off the earth", Body::Resource(depot)),
            ("a need off the earth", Body::AidRequest(ask)),
            (
                "an open ring",
                shaped(vec![PLACE, Point(1, 1), Point(2, 2), Point(3, 3)]),
            ),
            ("a ring of three", shaped(vec![PLACE, Point(1, 1), PLACE])),
            (
                "a corner off the earth",
                shaped(vec![PLACE, nowhere, Point(1, 1), PLACE]),
            ),
            ("a slow road that is quicker", Body::RoadStatus(quick)),
        ],
    );
}

#[test]
fn r15_a_warning_or_response_without_a_legal_field_is_void() {
    let without = |change: fn(&mut protocol::Warning)| {
        let mut it = warning(FIRST, 20, 0);
        change(&mut it);
        Body::Warning(it)
    };
    let mut no_matter = response(FIRST, 20, 0);
    no_matter.matter.clear();
    let mut no_measures = response(FIRST, 20, 0);
    no_measures.measures.clear();
    expect(
        "R15",
        &[
            ("no hazard", without(|it| it.hazard.clear())),
            ("no area", without(|it| it.areas.clear())),
            ("no matters", without(|it| it.matters.clear())),
            ("no measures", without(|it| it.measures.clear())),
            ("no issuer", without(|it| it.issuer.clear())),
            ("a response to nothing", Body::Response(no_matter)),
            ("a response without measures", Body::Response(no_measures)),
        ],
    );
}

#[test]
fn r16_a_chain_of_reports_has_no_gap_and_an_end() {
    let next = |number, no, kind| incident(follow_up(FIRST, number, no, kind));
    expect(
        "R16",
        &[
            ("a number left out", next(1, 2, ReportKind::FollowUp)),
            ("a number given twice", next(1, 0, ReportKind::FollowUp)),
            ("a second first report", next(1, 1, ReportKind::First)),
            ("a follow-up of nothing", next(20, 1, ReportKind::FollowUp)),
            (
                "a chain that begins with its end",
                next(20, 0, ReportKind::Final),
            ),
            (
                "a report after the final one",
                next(2, 2, ReportKind::FollowUp),
            ),
            ("a second final report", next(2, 2, ReportKind::Final)),
        ],
    );
}

#[test]
fn after_the_final_report_a_correction_may_follow() {
    let mut scribe = Scribe::first_life(FIRST);
    let mut holder = Holder::informed();
    holder.hear(&scribe.entries[0]);
    let chain = [
        report(FIRST, 1),
        follow_up(FIRST, 1, 1, ReportKind::Final),
        follow_up(FIRST, 1, 2, ReportKind::Correction),
    ];
    for one in chain {
        let envelope = scribe.write(incident(one));
        assert_eq!(holder.verdict(&envelope), None);
    }
    let known = holder
        .picture
        .incident(bodies::incident_id(FIRST, 1))
        .unwrap();
    assert!(!known.is_open(), "a correction does not open it again");
}

#[test]
fn r17_a_revision_that_is_not_the_next_is_void() {
    expect(
        "R17",
        &[
            (
                "a warning that begins with an update",
                Body::Warning(warning(FIRST, 20, 1)),
            ),
            ("a revision left out", Body::Warning(warning(FIRST, 9, 2))),
            (
                "a revision given twice",
                Body::Warning(warning(FIRST, 9, 0)),
            ),
            (
                "a response revised twice",
                Body::Response(response(FIRST, 11, 2)),
            ),
        ],
    );
}

#[test]
fn i8_a_level_that_the_counts_do_not_give_needs_a_reason() {
    let harmed = |deaths| Counts {
        deaths: Some(Count(deaths, Moment(1))),
        ..Counts::default()
    };
    expect(
        "I8",
        &[
            (
                "three dead and ordinary",
                changed(|it| it.counts = harmed(3)),
            ),
            (
                "nobody harmed and grave",
                changed(|it| it.level = Level::One),
            ),
        ],
    );
    let mut scribe = Scribe::first_life(FIRST);
    let mut holder = Holder::informed();
    holder.hear(&scribe.entries[0]);
    let stand: [fn(&mut IncidentReport); 3] = [
        |it| it.level_reason = Some("in a school".into()),
        |it| it.level = Level::Undecided,
        |it| {
            it.level = Level::Three;
            it.counts.deaths = Some(Count(3, Moment(1)));
        },
    ];
    for (number, change) in (1..).zip(stand) {
        let mut it = report(FIRST, number);
        change(&mut it);
        let envelope = scribe.write(incident(it));
        assert_eq!(holder.verdict(&envelope), None, "report {number}");
    }
}
