//! A stage for synthetic recordings: parties that sign, logs that chain, and the lines they leave.

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::{Picture, StateAt};
use protocol::{
    AreaCode, Body, Digest, Direct, Draft, Envelope, Frame, Hash, Head, Incarnation, IncidentId,
    LogKey, Member, Mode, Moment, Network, Over, PartyId, Predecessor, Prefix, Record,
    RecordingHeader, Role, RosterChange, Seal, Signer, Span, Speaker, Suite, Topic, Truth, Wall,
};

/// 16 September 2018, six in the morning in China.
pub(crate) const START: Moment = Moment(1_537_048_800_000_000);

pub(crate) struct Stage {
    pub(crate) network: Network,
    pub(crate) lines: Vec<String>,
    pub(crate) envelopes: Vec<Arc<Envelope>>,
    signers: BTreeMap<PartyId, Signer>,
    heads: BTreeMap<PartyId, (u64, Hash)>,
    lives: BTreeMap<PartyId, Incarnation>,
}

pub(crate) fn party(text: &str) -> PartyId {
    text.parse().unwrap()
}

pub(crate) fn minute(minute: u64) -> Moment {
    START + Span::minutes(minute)
}

pub(crate) fn incident(author: &str, number: u32) -> IncidentId {
    IncidentId {
        author: party(author),
        epoch: 1,
        number,
    }
}

impl Stage {
    /// A network of the mode, its roster already said and recorded.
    pub(crate) fn new(mode: Mode, title_zh: &str, offices: &[(&str, Role, &str, &str)]) -> Self {
        let suite = Suite::Virtual;
        let root = Signer::new(party("region"), suite, [1; 32]);
        let network = Network {
            id: "drill-1".parse().unwrap(),
            mode,
            region: root.party(),
            root: root.public(),
            suite,
        };
        let header = RecordingHeader {
            format: protocol::FORMAT.into(),
            scenario: "typhoon".into(),
            title_zh: title_zh.into(),
            title_en: "Typhoon drill".into(),
            region: "prd".into(),
            seed: 42,
            version: "0.1.0".into(),
            scenario_digest: Hash::of(b"scenario"),
            network: network.clone(),
            start: START,
            offset_min: 480,
        };
        let mut stage = Self {
            lines: vec![serde_json::to_string(&header).unwrap()],
            envelopes: Vec::new(),
            signers: BTreeMap::from([(root.party(), root)]),
            heads: BTreeMap::new(),
            lives: BTreeMap::new(),
            network,
        };
        for (place, (id, role, zh, en)) in offices.iter().enumerate() {
            let secret = [u8::try_from(place).unwrap() + 2; 32];
            let signer = Signer::new(party(id), suite, secret);
            let member = Member {
                party: signer.party(),
                role: *role,
                area: AreaCode(id[..6].parse().unwrap()),
                office: signer.party(),
                circle: String::new(),
                unit: None,
                name_zh: (*zh).into(),
                name_en: (*en).into(),
                key: signer.public(),
            };
            stage.signers.insert(signer.party(), signer);
            let change = RosterChange::Admit(Box::new(member));
            stage.say("region", START, Body::RosterChange(change));
        }
        for (id, ..) in offices {
            stage.say(id, START, Body::Seal(Seal { predecessor: None }));
        }
        stage
    }

    /// The author's next entry, published and recorded.
    pub(crate) fn say(&mut self, author: &str, at: Moment, body: Body) {
        let envelope = self.seal(author, body);
        self.publish(at, &envelope);
    }

    /// The author's next entry, not yet published.
    pub(crate) fn seal(&mut self, author: &str, body: Body) -> Arc<Envelope> {
        let author = party(author);
        let (seq, prev) = self.heads.get(&author).copied().unwrap_or_default();
        let first = Incarnation { epoch: 1, nonce: 7 };
        let incarnation = self.lives.get(&author).copied().unwrap_or(first);
        let draft = Draft {
            net: self.network.id,
            mode: self.network.mode,
            log: LogKey {
                author,
                incarnation,
            },
            seq: seq + 1,
            prev,
            hlc: self.envelopes.len() as u64,
            sent: Wall(0),
            request: None,
        };
        let envelope = Envelope::seal(&draft, body, &self.signers[&author]);
        self.heads.insert(author, (seq + 1, envelope.hash()));
        self.envelopes.push(Arc::clone(&envelope));
        envelope
    }

    /// The author starts again from a disk that lost its last entry: a new life seals the old one
    /// before it.
    pub(crate) fn reborn(&mut self, author: &str, at: Moment) {
        let party = party(author);
        let of_author = |entry: &&Arc<Envelope>| entry.header().log.author == party;
        let mut entries = self.envelopes.iter().rev().filter(of_author);
        let kept = entries.nth(1).unwrap();
        let predecessor = Some(Predecessor {
            log: kept.header().log,
            seq: kept.header().seq,
            head: kept.hash(),
        });
        self.lives.insert(party, Incarnation { epoch: 2, nonce: 8 });
        self.heads.remove(&party);
        self.say(author, at, Body::Seal(Seal { predecessor }));
    }

    /// The author takes stock: its snapshot, and what its log had come to.
    pub(crate) fn takes_stock(&mut self, author: &str, at: Moment) -> StateAt {
        let author = party(author);
        let mut picture = Picture::new(self.network.clone());
        for entry in &self.envelopes {
            picture.admit(entry);
        }
        let place = (1, self.heads[&author].0 + 1);
        let state = picture.state(author).unwrap();
        let snapshot = state.snapshot(author, Over::default(), place).unwrap();
        self.say(author.as_str(), at, Body::Snapshot(snapshot));
        picture.admit(self.envelopes.last().unwrap());
        picture.authors()[&author].stock().unwrap().clone()
    }

    pub(crate) fn publish(&mut self, at: Moment, envelope: &Arc<Envelope>) {
        let header = envelope.header();
        let head = Head {
            log: header.log,
            seq: header.seq,
            hash: envelope.hash(),
        };
        let frame = Frame::append(self.network.id, head, vec![Arc::clone(envelope)]);
        self.frame(at, &frame.topic().to_string(), frame.text());
    }

    pub(crate) fn frame(&mut self, at: Moment, topic: &str, text: &str) {
        self.record(&Record::Frame {
            at,
            topic: topic.into(),
            text: text.into(),
        });
    }

    /// A holder says how far it has logs.
    pub(crate) fn digest(&mut self, holder: &str, at: Moment, logs: &[(&str, u64)]) {
        let incarnation = Incarnation { epoch: 1, nonce: 7 };
        let log = |author: &str| LogKey {
            author: party(author),
            incarnation,
        };
        let head = |log: LogKey, seq: u64| {
            let mut entries = self.envelopes.iter();
            let entry = entries.find(|it| (it.header().log, it.header().seq) == (log, seq));
            entry.map(|it| it.hash()).unwrap_or_default().mark()
        };
        let logs = logs.iter();
        let digest = Digest {
            plan: None,
            boots: Vec::new(),
            incarnation,
            logs: logs
                .map(|(author, seq)| Prefix {
                    log: log(author),
                    seq: *seq,
                    head: head(log(author), *seq),
                })
                .collect(),
            drill: at,
        };
        let mut speaker = self.speaker(holder, at);
        let topic = Topic::Digest(party(holder));
        let times = (Wall::at(at), Span::minutes(5));
        let body = Direct::Digest(digest);
        let frame = Frame::direct(&mut speaker, self.network.id, topic, body, times);
        self.frame(at, &topic.to_string(), frame.text());
    }

    /// Somebody hands an entry of another on.
    pub(crate) fn hand(&mut self, by: &str, at: Moment, envelope: &Arc<Envelope>) {
        let mut speaker = self.speaker(by, at);
        let entries = vec![Arc::clone(envelope)];
        let (net, asker) = (self.network.id, party("440400"));
        let frame = Frame::fill(&mut speaker, net, asker, entries, Wall::at(at)).unwrap();
        self.frame(at, &frame.topic().to_string(), frame.text());
    }

    fn speaker(&self, who: &str, at: Moment) -> Speaker {
        let signer = self.signers[&party(who)].clone();
        Speaker::new(self.network.id, self.network.mode, signer, at.0)
    }

    pub(crate) fn truth(&mut self, at: Moment, event: Truth) {
        self.record(&Record::Truth { at, event });
    }

    pub(crate) fn end(&mut self, at: Moment) {
        let digest = Hash::of(b"run");
        self.record(&Record::End { at, digest });
    }

    fn record(&mut self, record: &Record) {
        self.lines.push(serde_json::to_string(record).unwrap());
    }
}
