//! Who may write and read what on a bus: the roster, read as an access list.
//!
//! It guards the hop alone. Whether a message is believed is for its signature to say, wherever it
//! came from; a bus that asks for neither name nor key carries the same messages.

use serde::Deserialize;

use crate::frame::Head;
use crate::id::{NetId, PartyId};
use crate::quantity::Wall;
use crate::roster::{Member, Network, Roster, Standing};
use crate::topic::Topic;
use crate::words::{Mode, Role};

/// The kinds of topic that everybody who belongs may read.
const SHARED: [&str; 7] = ["log", "digest", "want", "fill", "presence", "clock", "view"];

/// What a bus knows of its network: who belongs, and what each may do.
#[derive(Clone, Debug)]
pub struct AccessList {
    network: Network,
    roster: Roster,
}

/// Who sends a message, as far as its first field says.
#[derive(Deserialize)]
struct Sender {
    from: PartyId,
}

impl AccessList {
    /// The access list of a network as its roster is now.
    pub fn new(network: Network, roster: Roster) -> Self {
        Self { network, roster }
    }

    /// The network's id.
    pub fn net(&self) -> NetId {
        self.network.id
    }

    /// Whether a party belongs at a time: a key of it was admitted, is not revoked and has not ended.
    ///
    /// Of a message it is asked whether its key counted at the time that it states; of a hop, whether it
    /// counts now, by the clock of whoever lets in.
    pub fn admits(&self, party: PartyId, now: Wall) -> bool {
        self.roster.belongs_at(party, now)
    }

    /// Whether a key of somebody who belongs ended between two looks at the clock.
    pub fn has_end_between(&self, before: Wall, now: Wall) -> bool {
        let members = self.roster.members();
        let standings = members.flat_map(|member| self.roster.keys_of(member.party));
        let mut ends = standings.filter_map(Standing::until);
        ends.any(|end| before <= end && end < now)
    }

    /// Whether a party may write a message: whether the topic is its to write, and the message says that
    /// it is from who brings it.
    pub fn takes(&self, party: PartyId, topic: &str, payload: &[u8]) -> bool {
        let topic = Topic::parse(self.net(), topic);
        topic.is_some_and(|topic| {
            self.may_write(party, topic) && Self::is_said_by(party, topic, payload)
        })
    }

    /// Whether a bus keeps the last message of a topic for who comes later. It keeps no others, so that
    /// what one party can leave there is a message of each of its own few topics.
    pub fn retains(&self, topic: &str) -> bool {
        Topic::parse(self.net(), topic).is_some_and(Topic::is_retained)
    }

    /// Whether a party may write to a topic.
    ///
    /// An office writes what is its own, asks and answers others, and carries the logs of others from
    /// bus to bus; a terminal reports to its office, an operator commands it, a director leads an
    /// exercise and nothing actual, and an observer writes nothing.
    fn may_write(&self, party: PartyId, topic: Topic) -> bool {
        let Some(member) = self.member(party) else {
            return false;
        };
        match member.role {
            Role::Observer => false,
            Role::Region => topic == Topic::Log(party),
            Role::Terminal => topic == Topic::Field(member.office),
            Role::Operator => topic == Topic::Command(member.office),
            Role::Director => self.network.mode != Mode::Actual && directs(topic),
            Role::City
            | Role::Province
            | Role::District
            | Role::Met
            | Role::Grid
            | Role::Maritime => self.office_may_write(party, topic),
        }
    }

    fn office_may_write(&self, office: PartyId, topic: Topic) -> bool {
        match topic {
            Topic::Log(author) => author == self.network.region || self.keeps_a_log(author),
            // Whose key was revoked meanwhile may still be answered: nobody is put off for being late.
            Topic::Want(to) | Topic::Fill(to) => self.roster.member(to).is_some(),
            Topic::Digest(of)
            | Topic::Presence(of)
            | Topic::Order(of)
            | Topic::Done(of)
            | Topic::View(of, _) => of == office,
            // A terminal is answered wherever it is, for crews help beyond their own city.
            Topic::Reply(to) => self.member(to).is_some_and(|to| match to.role {
                Role::Operator => to.office == office,
                role => matches!(role, Role::Terminal | Role::Director),
            }),
            Topic::Field(_) | Topic::Command(_) | Topic::Clock | Topic::Step(_) => false,
        }
    }

    /// Whether a party may read what a filter stands for. The filter is one of the network's, and one
    /// kind of topic at a time; only a director reads everything at once.
    pub fn may_read(&self, party: PartyId, filter: &str) -> bool {
        let Some(member) = self.member(party) else {
            return false;
        };
        let Some(rest) = Topic::filtered(self.net(), filter) else {
            return false;
        };
        if member.role == Role::Director {
            return true;
        }
        let (kind, whose) = rest.split_once('/').unwrap_or((rest, ""));
        let own = |owner: PartyId| whose == owner.as_str();
        match (member.role, kind) {
            (Role::Terminal, "order") => own(member.office),
            (Role::Operator | Role::Terminal, "reply") => own(party),
            (Role::Terminal, kind) => kind == "clock",
            (_, kind) if SHARED.contains(&kind) => true,
            (role, "field" | "command" | "step") if role.is_author() => own(party),
            _ => false,
        }
    }

    /// Whether a message says that it is from who brought it. What lies in a log speaks for its author,
    /// whose signature the readers check; whoever brings it, it has to be that author's.
    fn is_said_by(party: PartyId, topic: Topic, payload: &[u8]) -> bool {
        let end = payload
            .iter()
            .position(|byte| matches!(byte, b'\t' | b'\n'));
        let head = &payload[..end.unwrap_or(payload.len())];
        match topic {
            Topic::View(..) => true,
            // An empty message erases what was retained for the topic: the owner's right.
            _ if payload.is_empty() => topic.is_retained(),
            Topic::Log(author) => {
                serde_json::from_slice::<Head>(head).is_ok_and(|head| head.log.author == author)
            }
            _ => serde_json::from_slice::<Sender>(head).is_ok_and(|sender| sender.from == party),
        }
    }

    /// A member that was not shut out for good.
    fn member(&self, party: PartyId) -> Option<&Member> {
        let mut keys = self.roster.keys_of(party);
        let belongs = keys.any(|standing| !standing.is_revoked());
        self.roster.member(party).filter(|_| belongs)
    }

    /// Whether a party is an office or another author, with a log of its own.
    pub fn keeps_a_log(&self, party: PartyId) -> bool {
        let member = self.roster.member(party);
        member.is_some_and(|member| member.role.is_author())
    }
}

/// What an exercise director writes: the clock, and what the world says to the offices.
const fn directs(topic: Topic) -> bool {
    matches!(
        topic,
        Topic::Clock | Topic::Step(_) | Topic::Field(_) | Topic::Command(_)
    )
}

#[cfg(test)]
mod tests;
