//! Breaks one rule in a log where everything exists, and looks at what it did.

use picture::Void;
use protocol::{
    AidCommit, AidWithdraw, Body, DutyNote, Kind, Moment, NeedEnd, ReportKind, WarningLift,
};

use crate::bodies::{
    aid_id, commit, follow_up, incident, need_id, offer, offer_id, report, request, resource,
    resource_id, response, warning, warning_id,
};
use crate::cast::{FIRST, Holder, SECOND, Scribe, party};

/// A log in which everything exists once: a closed and an open incident, a need, units that are
/// free, held and out, a stock, a warning in force and one lifted.
pub(crate) fn beginning() -> Vec<Body> {
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
        Body::AidCommit(out().into()),
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
pub(crate) fn out() -> AidCommit {
    let pump = resource_id(FIRST, "pump", 3);
    commit(aid_id(FIRST, 8), pump, need_id(FIRST, 5), 1)
}

/// Breaks a rule in a log where everything exists.
pub(crate) fn expect(code: &str, breaks: &[(&str, Body)]) {
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
            (&*last.code, last.seq),
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
