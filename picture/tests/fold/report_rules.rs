//! Rules about reports, places, warnings and what the law demands, each broken.

use protocol::{
    Body, Content, Count, Counts, Datum, Envelope, HazardShape, IncidentReport, Kind, Level,
    Moment, Point, ReportKind, RoadState,
};

use crate::bodies::{
    self, PLACE, accept, advisory, follow_up, incident, need_id, offer, offer_id, report, request,
    resource, resource_id, response, road, warning,
};
use crate::breaking::expect;
use crate::cast::{FIRST, Holder, SECOND, Scribe};

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
