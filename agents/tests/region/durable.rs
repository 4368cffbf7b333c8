//! Nothing leaves an office before it is on its disk: looked at whenever something is published.

use protocol::{Body, Direct, Frame, Outcome, Said, Task};

use crate::bus::Region;

impl Region {
    /// R5, I15: nothing is published or ordered before it is durable.
    pub(crate) fn is_durable_first(&self, from: usize, frame: &Frame) {
        let machine = &self.machines[from];
        match frame.said() {
            Said::Append { batch, .. } => {
                for envelope in &batch.envelopes {
                    let header = envelope.header();
                    let held = machine.holds(header.log, header.seq);
                    assert!(held, "{} #{} was not durable", header.log, header.seq);
                }
            }
            Said::Direct {
                body: Direct::Order(order),
                ..
            } if matches!(order.task, Task::Go { .. }) => {
                let known = machine.disk().iter().filter_map(|entry| entry.body());
                let mut bodies = known.map(Body::to_json);
                let aid = order.aid.to_string();
                let held = bodies.any(|body| body.contains(&aid));
                assert!(held, "an order of {aid} went out before it was durable");
            }
            Said::Direct {
                body: Direct::Reply(reply),
                ..
            } => {
                if let Outcome::Done { log, seq, .. } = &reply.outcome {
                    let held = machine.holds(*log, *seq);
                    assert!(held, "{} was answered before it was durable", reply.request);
                }
            }
            Said::Direct { .. } | Said::View => {}
        }
    }
}
