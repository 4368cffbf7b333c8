//! Notices of this author: hazards announced, warnings issued, responses activated.

use protocol::{
    Advisory, AdvisoryId, Body, HazardReport, Response, ResponseId, ResponseOrder, Warning,
    WarningId, WarningLift, WarningOrder, limit, sanitise,
};

use crate::answer::NOT_SERVING;
use crate::door::Ticket;
use crate::office::{Office, Turn};

impl Office {
    pub(crate) fn hazard(
        &mut self,
        turn: &mut Turn,
        hazard: &HazardReport,
    ) -> Option<(Ticket, u64)> {
        let name = sanitise(&hazard.name, 80);
        let own = self.own();
        let known = own.and_then(|own| {
            own.advisories
                .values()
                .find(|known| known.name == name && !known.over)
        });
        let known = known.map(|known| (known.advisory, known.as_of));
        if known.is_some_and(|(_, as_of)| as_of >= hazard.as_of) {
            return None;
        }
        let party = self.party();
        let pen = self.pen.as_mut()?;
        let advisory = if let Some((advisory, _)) = known {
            advisory
        } else {
            let number = pen.number();
            AdvisoryId {
                author: party,
                epoch: pen.log().incarnation.epoch,
                number,
            }
        };
        let advisory = Advisory {
            advisory,
            hazard: sanitise(&hazard.hazard, 80),
            name,
            as_of: hazard.as_of,
            shape: hazard.shape.clone(),
            over: hazard.over,
        };
        self.write(turn, Body::Advisory(advisory))
    }

    /// 预警: issues, updates or lifts the warning of a hazard; `None` if it stands as asked.
    pub(crate) fn warn(
        &mut self,
        turn: &mut Turn,
        order: &WarningOrder,
    ) -> Result<Option<(Ticket, u64)>, String> {
        let now = turn.now.drill;
        let hazard = sanitise(&order.hazard, 80);
        let known = self.own().and_then(|own| {
            own.warnings
                .values()
                .find(|known| known.warning.hazard == hazard && known.is_active(now))
        });
        let known = known.map(|known| known.warning.clone());
        let Some(colour) = order.colour else {
            let Some(warning) = known.map(|known| known.warning) else {
                return Ok(None);
            };
            let lift = Body::WarningLift(WarningLift { warning, at: now });
            return self.write_checked(turn, lift).map(Some);
        };
        let issuer = self.config.member.name_zh.clone();
        let party = self.party();
        let pen = self.pen.as_mut().ok_or(NOT_SERVING)?;
        let epoch = pen.log().incarnation.epoch;
        let (warning, revision) = match known {
            Some(known) if known.colour == colour && known.areas == order.areas => {
                return Ok(None);
            }
            Some(known) => (known.warning, known.revision + 1),
            None => (
                WarningId {
                    author: party,
                    epoch,
                    number: pen.number(),
                },
                0,
            ),
        };
        let warning = Warning {
            warning,
            revision,
            hazard,
            colour,
            from: order.from,
            until: order.until,
            areas: order.areas.clone(),
            matters: sanitise(&order.matters, limit::TEXT_CHARS),
            measures: sanitise(&order.measures, limit::TEXT_CHARS),
            issuer,
            issued_at: now,
        };
        self.write_checked(turn, Body::Warning(warning)).map(Some)
    }

    /// 应急响应: activates, adjusts or ends the response to a matter; `None` if it stands as asked.
    pub(crate) fn respond(
        &mut self,
        turn: &mut Turn,
        order: &ResponseOrder,
    ) -> Result<Option<(Ticket, u64)>, String> {
        let matter = sanitise(&order.matter, limit::TEXT_CHARS);
        let known = self.own().and_then(|own| {
            own.responses
                .values()
                .find(|known| known.matter == matter && known.level.is_some())
        });
        let known = known.map(|known| (known.response, known.revision, known.level));
        let party = self.party();
        let pen = self.pen.as_mut().ok_or(NOT_SERVING)?;
        let epoch = pen.log().incarnation.epoch;
        let (response, revision) = match known {
            Some((_, _, level)) if level == order.level => return Ok(None),
            None if order.level.is_none() => return Ok(None),
            Some((response, revision, _)) => (response, revision + 1),
            None => (
                ResponseId {
                    author: party,
                    epoch,
                    number: pen.number(),
                },
                0,
            ),
        };
        let response = Response {
            response,
            revision,
            matter,
            level: order.level,
            expected: order.expected,
            measures: sanitise(&order.measures, limit::TEXT_CHARS),
            at: turn.now.drill,
        };
        self.write_checked(turn, Body::Response(response)).map(Some)
    }
}
