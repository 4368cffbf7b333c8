//! With whose voice the world speaks: terminals and call intake, and operators at their desks.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    Action, COMMAND_LIFE, Direct, FieldMessage, FieldReport, Frame, Mode, Moment, NetId,
    OperatorCommand, PartyId, RequestId, Signer, Span, Speaker, Topic, Wall,
};

/// How long a report from the ground means anything: longer than any queue in a healthy office.
const REPORT_LIFE: Span = Span::minutes(10);

/// Signs what the ground and the operators say.
#[derive(Debug)]
pub struct Voices {
    net: NetId,
    world: Speaker,
    operators: BTreeMap<PartyId, Speaker>,
}

impl Voices {
    /// Voices of a network, with the world's key and each office's operator's; `boot` must be new
    /// with every start of the process.
    pub fn new(
        (net, mode): (NetId, Mode),
        world: Signer,
        operators: BTreeMap<PartyId, Signer>,
        boot: u64,
    ) -> Self {
        let speaker = |signer| Speaker::new(net, mode, signer, boot);
        Self {
            net,
            world: speaker(world),
            operators: operators
                .into_iter()
                .map(|(office, signer)| (office, speaker(signer)))
                .collect(),
        }
    }

    /// A report to an office.
    pub(crate) fn report(&mut self, now: Moment, to: PartyId, report: FieldReport) -> Arc<Frame> {
        let body = Direct::Field(FieldMessage { report });
        let times = (Wall::at(now), REPORT_LIFE);
        Arc::new(Frame::direct(
            &mut self.world,
            self.net,
            Topic::Field(to),
            body,
            times,
        ))
    }

    /// An operator's command at an office; `None` if the office has no operator.
    pub(crate) fn command(
        &mut self,
        now: Moment,
        office: PartyId,
        (request, action): (RequestId, Action),
    ) -> Option<Arc<Frame>> {
        let operator = self.operators.get_mut(&office)?;
        let body = Direct::Command(OperatorCommand {
            request,
            by: "导调".to_owned(),
            action,
            asked_at: None,
        });
        let times = (Wall::at(now), COMMAND_LIFE);
        let topic = Topic::Command(office);
        Some(Arc::new(Frame::direct(
            operator, self.net, topic, body, times,
        )))
    }
}
