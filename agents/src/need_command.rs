//! Operator commands about needs: ask, ask for more or of a wider ring, withdraw, decline.

use protocol::{
    AidDecline, AidRequestUpdate, AidWithdraw, Audience, Body, DeclineReason, IncidentId, NeedEnd,
    NeedId, OperatorCommand, Remark, Requirement,
};

use picture::Need;

use crate::answer::{NOT_SERVING, Recorded, Undone, remark};
use crate::desk::Asked;
use crate::office::{Office, Turn};
use crate::operator::{is_askable, recorded};

impl Office {
    /// A1: asks for aid. A need of the same kind that still stands is named, for perhaps that one was
    /// meant.
    pub(crate) fn request(
        &mut self,
        turn: &mut Turn,
        command: &OperatorCommand,
        incident: IncidentId,
        (requirement, audience, stands_by): (Requirement, Audience, bool),
    ) -> Result<Recorded, Undone> {
        is_askable(&requirement)?;
        let known = self
            .own()
            .and_then(|own| own.incidents.get(&incident))
            .filter(|incident| incident.is_open())
            .ok_or_else(|| format!("{incident} is no open incident of this office"))?;
        let asked = Asked {
            incident,
            severity: known.report.severity,
            to: known.report.point.unwrap_or_else(|| self.seat()),
            stands_by,
            audience,
            request: Some(command.request),
        };
        let beside = self.asked_before(incident, requirement);
        let (ticket, seq, need) = self.ask(turn, asked, requirement).ok_or(NOT_SERVING)?;
        Ok(Recorded {
            remark: beside,
            ..recorded((ticket, seq), &need)
        })
    }

    /// That the incident has a need of the kind which has not ended.
    fn asked_before(&self, incident: IncidentId, wanted: Requirement) -> Option<Remark> {
        let needs = &self.own()?.needs;
        let stands = needs.values().find(|need| {
            let asked = &need.request;
            asked.incident == incident && asked.kind == wanted.kind && need.ended.is_none()
        })?;
        let asked = &stands.request;
        let open = self.picture.coverage(asked.need).open();
        let (need, kind, quantity, ring) = (asked.need, asked.kind, asked.quantity, asked.audience);
        let (kind_zh, ring_zh) = (kind.label().zh, ring.label().zh);
        Some(remark(
            format!(
                "本事件已有需求 {need}（{kind_zh} {quantity}，尚缺 {open}，范围 {ring_zh}），此为另一项；\
                 要改原需求请用 update {need}，并撤回此项"
            ),
            format!(
                "its incident had need {need} already ({kind} x{quantity}, {open} open, asked of \
                 {ring}), and this is one more; if that one was meant, update {need} and withdraw \
                 this one"
            ),
        ))
    }

    /// A2: another amount, or a wider ring.
    pub(crate) fn update_need(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
        (quantity, audience): (Option<u32>, Option<Audience>),
    ) -> Result<Recorded, Undone> {
        let asked = self.need_of_ours(need)?;
        if let Some((end, _)) = asked.ended {
            let remark = how_it_ended(need, end);
            return Err(remark.into());
        }
        let before = (asked.request.quantity, asked.request.audience);
        let wanted = Requirement {
            kind: asked.request.kind,
            quantity: quantity.unwrap_or(before.0),
            duration: asked.request.duration,
        };
        is_askable(&wanted)?;
        let (quantity, audience) = (wanted.quantity, audience.unwrap_or(before.1));
        let coverage = self.picture.coverage(need);
        let spoken_for = coverage.covered.saturating_add(coverage.accepted);
        if quantity < spoken_for {
            return Err(remark(
                format!("需求 {need} 已落实 {spoken_for}，不能减至 {quantity}；可先解除任务"),
                format!(
                    "{spoken_for} of need {need} are spoken for, so it cannot ask for {quantity}; \
                     release some first"
                ),
            )
            .into());
        }
        if audience < before.1 {
            return Err(remark(
                format!("需求 {need} 已向{}提出，范围只能扩大", before.1.label().zh),
                format!(
                    "need {need} was asked of {} and a ring only widens; withdraw it and ask anew",
                    before.1
                ),
            )
            .into());
        }
        if (quantity, audience) == before {
            return Err(Undone::Already(remark(
                format!("需求 {need} 已是 {quantity}，范围{}", audience.label().zh),
                format!("need {need} asks for {quantity} of {audience} already"),
            )));
        }
        let change = AidRequestUpdate {
            need,
            quantity,
            audience,
            at: turn.now.drill,
        };
        let written = self.write_checked(turn, Body::AidRequestUpdate(change))?;
        // The planner looks at its own needs after what others do; this one changed by hand.
        self.agenda.plan = true;
        Ok(recorded(written, &need))
    }

    /// A2: ends a need.
    pub(crate) fn withdraw_need(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
    ) -> Result<Recorded, Undone> {
        if let Some((end, _)) = self.need_of_ours(need)?.ended {
            return Err(Undone::Already(how_it_ended(need, end)));
        }
        let end = AidWithdraw {
            need,
            reason: NeedEnd::Withdrawn,
            at: turn.now.drill,
        };
        let written = self.write_checked(turn, Body::AidWithdraw(end))?;
        Ok(recorded(written, &need))
    }

    /// A4: lends nothing.
    pub(crate) fn decline_by_hand(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
        reason: DeclineReason,
    ) -> Result<Recorded, Undone> {
        if let Some((end, _)) = self.known_need(need)?.ended {
            return Err(how_it_ended(need, end).into());
        }
        self.agenda.declined.insert(need);
        let said = self.own().and_then(|own| own.declined.get(&need).copied());
        if said == Some(reason) {
            let zh = reason.label().zh;
            return Err(Undone::Already(remark(
                format!("此前已答复无法支援 {need}（{zh}）"),
                format!("{need} was declined already ({reason})"),
            )));
        }
        let at = turn.now.drill;
        let decline = AidDecline { need, reason, at };
        let written = self.write_checked(turn, Body::AidDecline(decline))?;
        Ok(recorded(written, &need))
    }

    pub(crate) fn known_need(&self, need: NeedId) -> Result<&Need, String> {
        self.picture.need(need).ok_or_else(|| {
            let (zh, en) = (
                format!("没有需求 {need}；可用 needs 查看"),
                format!("no need {need} is known; `needs` lists those that are"),
            );
            remark(zh, en).to_string()
        })
    }

    fn need_of_ours(&self, need: NeedId) -> Result<&Need, Undone> {
        if need.author != self.party() {
            let whose = need.author;
            return Err(remark(
                format!("需求 {need} 由 {whose} 提出，只有该单位可变更或撤回"),
                format!(
                    "need {need} was asked by {whose}; only that office changes or withdraws it"
                ),
            )
            .into());
        }
        Ok(self.known_need(need)?)
    }
}

fn how_it_ended(need: NeedId, end: NeedEnd) -> Remark {
    let (zh, en) = match end {
        NeedEnd::Served => ("已办结", "served"),
        NeedEnd::Withdrawn => ("已撤回", "withdrawn"),
        NeedEnd::Expired => ("已过期", "expired"),
    };
    remark(
        format!("需求 {need} {zh}，不再有效"),
        format!("need {need} has ended already ({en})"),
    )
}
