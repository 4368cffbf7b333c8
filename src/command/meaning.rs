//! From an action as typed to an action as signed.

use protocol::{
    Action, AreaCode, Call, Counts, Decision, FollowUp, Moment, RequestId, StockCount, limit,
    sanitise,
};

use super::Desk;
use super::action::ActionArgs;
use crate::cli::CommandArgs;
use crate::failure::Failure;

impl Desk {
    /// The action that the arguments ask for.
    pub(super) fn action(
        &self,
        args: &CommandArgs,
        request: RequestId,
        now: Moment,
    ) -> Result<Action, Failure> {
        let time = |said| self.time(now, said);
        Ok(match args.action.clone() {
            ActionArgs::Report {
                place,
                event,
                category,
                severity,
                at,
                known,
                point,
                area,
                summary,
                source,
                need,
            } => {
                // Made of the others, a summary is cut; as the operator's own words it may be refused.
                let summary = if summary.is_empty() {
                    sanitise(&format!("{place} {event}"), limit::SUMMARY_CHARS)
                } else {
                    summary
                };
                let received_at = time(known)?.unwrap_or(now);
                Action::Report(Box::new(Call {
                    request,
                    event,
                    category,
                    severity,
                    occurred_at: time(at)?.unwrap_or(received_at),
                    received_at,
                    place,
                    area: area.map_or_else(|| self.own_area(), AreaCode),
                    point,
                    source,
                    summary,
                    counts: Counts::default(),
                    requires: need,
                }))
            }
            other => self.timed(other, request, now)?,
        })
    }

    /// Actions that may be entered afterwards, and those that tell no time.
    fn timed(
        &self,
        action: ActionArgs,
        request: RequestId,
        now: Moment,
    ) -> Result<Action, Failure> {
        let time = |said| self.time(now, said);
        Ok(match action {
            ActionArgs::Unit {
                unit,
                state,
                caller,
                called,
            } => Action::UnitStatus {
                unit,
                state,
                caller,
                called_at: time(called)?,
            },
            ActionArgs::Stock {
                resource,
                on_hand,
                reason,
                counted,
            } => Action::Stock(StockCount {
                request,
                resource,
                on_hand,
                at: time(counted)?.unwrap_or(now),
                reason,
            }),
            ActionArgs::FollowUp {
                incident,
                summary,
                kind,
                at,
            } => Action::FollowUp(FollowUp {
                incident,
                kind,
                stage: None,
                level: None,
                severity: None,
                counts: None,
                summary,
                at: time(at)?,
            }),
            ActionArgs::Extend { aid, longer, .. } => Action::Extend {
                aid,
                until: longer.map(|longer| now + longer),
            },
            ActionArgs::Note { text, incident, at } => Action::Note {
                incident,
                text,
                at: time(at)?,
            },
            other => plain(other)?,
        })
    }
}

/// Actions that say all that they mean.
fn plain(args: ActionArgs) -> Result<Action, Failure> {
    Ok(match args {
        ActionArgs::Acknowledge { log, seq } => Action::Acknowledge { log, seq },
        ActionArgs::Request {
            incident,
            need,
            stand_by,
            audience,
        } => Action::Request {
            stands_by: stand_by,
            incident,
            kind: need.kind,
            quantity: need.quantity,
            audience,
            duration: need.duration,
        },
        ActionArgs::Update {
            need,
            quantity,
            audience,
        } => Action::UpdateNeed {
            need,
            quantity,
            audience,
        },
        ActionArgs::Withdraw { need } => Action::WithdrawNeed { need },
        ActionArgs::Offer {
            need,
            resource,
            quantity,
        } => Action::Offer {
            need,
            resource,
            quantity,
        },
        ActionArgs::Decline { need, reason } => Action::Decline { need, reason },
        ActionArgs::Accept { offer } => Action::Accept { offer },
        ActionArgs::Dispatch { need, resource } => Action::Dispatch {
            need,
            resource,
            override_by: None,
        },
        ActionArgs::Release { aid } => Action::Release { aid },
        ActionArgs::Recall { aid, reason } => Action::Recall { aid, reason },
        ActionArgs::TakeOver { machine } => Action::TakeOver { machine },
        ActionArgs::Authority { unit, answer, post } => Action::Authority { unit, answer, post },
        ActionArgs::Proposals { incident } => Action::Proposals { incident },
        ActionArgs::Decide {
            proposal,
            instead,
            decline,
            ..
        } => Action::Decide {
            proposal,
            decision: match (instead, decline) {
                (Some(instead), _) => Decision::Change { instead },
                (None, Some(reason)) => Decision::Decline { reason },
                (None, None) => Decision::Accept,
            },
        },
        ActionArgs::Needs => Action::Needs,
        ActionArgs::Resources => Action::Resources,
        ActionArgs::Report { .. }
        | ActionArgs::FollowUp { .. }
        | ActionArgs::Unit { .. }
        | ActionArgs::Stock { .. }
        | ActionArgs::Extend { .. }
        | ActionArgs::Note { .. } => {
            return Err(Failure::bug("this action needs the clock and the roster"));
        }
    })
}
