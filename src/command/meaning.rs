//! From an action as typed to an action as signed.

use protocol::{
    Action, AreaCode, Call, Counts, FollowUp, Moment, RequestId, StockCount, TimeOfDay, limit,
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
        let at = |said: Option<TimeOfDay>| self.time(now, said);
        Ok(match args.action.clone() {
            ActionArgs::Report {
                place,
                event,
                category,
                severity,
                at: when,
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
                Action::Report(Box::new(Call {
                    request,
                    event,
                    category,
                    severity,
                    occurred_at: at(when),
                    received_at: now,
                    place,
                    area: area.map_or_else(|| self.own_area(args.office), AreaCode),
                    point,
                    source,
                    summary,
                    counts: Counts::default(),
                    requires: need,
                }))
            }
            ActionArgs::Unit {
                unit,
                state,
                caller,
                called,
            } => Action::UnitStatus {
                unit,
                state,
                caller,
                called_at: called.map(|said| self.time(now, Some(said))),
            },
            ActionArgs::Stock {
                resource,
                on_hand,
                reason,
            } => Action::Stock(StockCount {
                request,
                resource,
                on_hand,
                at: now,
                reason,
            }),
            other => plain(other)?,
        })
    }
}

/// Actions that say all that they mean.
fn plain(args: ActionArgs) -> Result<Action, Failure> {
    Ok(match args {
        ActionArgs::FollowUp {
            incident,
            summary,
            kind,
        } => Action::FollowUp(FollowUp {
            incident,
            kind,
            stage: None,
            level: None,
            severity: None,
            counts: None,
            summary,
        }),
        ActionArgs::Acknowledge { log, seq } => Action::Acknowledge { log, seq },
        ActionArgs::Request {
            incident,
            need,
            audience,
        } => Action::Request {
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
        ActionArgs::Note { text } => Action::Note {
            incident: None,
            text,
        },
        ActionArgs::Proposals => Action::Proposals,
        ActionArgs::Needs => Action::Needs,
        ActionArgs::Resources => Action::Resources,
        ActionArgs::Report { .. } | ActionArgs::Unit { .. } | ActionArgs::Stock { .. } => {
            return Err(Failure::bug("this action needs the clock and the roster"));
        }
    })
}
