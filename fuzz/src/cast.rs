//! Who takes part when bytes are made up: the three towns of the smallest region, with known keys.
//!
//! A fuzzer cannot guess a signature. So that it reaches what lies behind one, a [`Pen`] signs
//! whatever body it is given, as a party of the roster that means harm would.

use std::sync::{Arc, LazyLock};

use protocol::{
    DirectHeader, Envelope, Hash, Header, Incarnation, LogKey, Moment, PartyId, Sensitivity,
    Signer, Span, Suite, Wall,
};
use region::Region;
use simulator::{Cast, Player};

/// What signatures are over, before the header: stated anew, so that a change of it is noticed.
const ENVELOPE: &[u8] = b"liandong/1 envelope\n";

/// The same for direct messages.
const DIRECT: &[u8] = b"liandong/1 direct\n";

/// When everything begins: 1 July 2026, 8 o'clock in the towns.
pub(super) const START: Moment = Moment(1_782_864_000_000_000);

/// The region that everything lies in.
pub(super) fn trio() -> &'static Arc<Region> {
    static TRIO: LazyLock<Arc<Region>> =
        LazyLock::new(|| Arc::new(Region::built_in("trio").expect("the binary has it")));
    &TRIO
}

/// Everybody, under keys that follow from a seed.
pub(super) fn cast() -> &'static Cast {
    static CAST: LazyLock<Cast> = LazyLock::new(|| Cast::of_seed(trio(), 1, Suite::Ed25519, START));
    &CAST
}

/// The key of a party of the cast.
pub(super) fn signer(party: PartyId) -> Option<&'static Signer> {
    let cast = cast();
    let desks = cast.offices.values().chain(cast.operators.values());
    let mut all = desks.chain([&cast.world, &cast.director, &cast.observer]);
    all.find(|player: &&Player| player.member.party == party)
        .map(|player| &player.signer)
}

/// The life in which everybody of the corpus writes.
pub fn incarnation() -> Incarnation {
    Incarnation { epoch: 1, nonce: 7 }
}

/// Asserts that an entry was signed by its author: the check that the decoder makes, made anew.
pub(super) fn assert_signed(envelope: &Envelope) {
    let header = envelope.header();
    let (text, rest) = envelope.line().split_once('\t').expect("a line has fields");
    let digits = rest.rsplit_once('\t').expect("a line has fields").1;
    let mut signature = [0; 64];
    for (byte, digits) in signature.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let digits = str::from_utf8(digits).expect("a line is text");
        *byte = u8::from_str_radix(digits, 16).expect("a signature is hexadecimal");
    }
    let standing = cast().roster.standing(header.log.author, header.key);
    let key = standing.expect("whoever signed is in the roster").key();
    let message = [ENVELOPE, text.as_bytes()];
    let signature = protocol::Signature(signature);
    assert!(
        key.verifies(header.alg, message, &signature),
        "an entry that its author did not sign: {}",
        envelope.line()
    );
    assert_eq!(envelope.hash(), Hash::of(text.as_bytes()));
}

/// Writes an author's log, each entry with whatever body it is given.
pub(super) struct Pen {
    signer: &'static Signer,
    seq: u64,
    prev: Hash,
}

impl Pen {
    /// A pen at the beginning of a log; `None` for a stranger.
    pub(super) fn of(author: PartyId) -> Option<Self> {
        let cast = cast();
        let signer = match cast.offices.get(&author) {
            Some(player) => &player.signer,
            None => region_signer().filter(|signer| signer.party() == author)?,
        };
        Some(Self {
            signer,
            seq: 0,
            prev: Hash::default(),
        })
    }

    /// Goes on as if so many entries stood there, for a snapshot that claims them.
    pub(super) fn at(self, seq: u64) -> Self {
        Self { seq, ..self }
    }

    /// Whose log it is.
    pub(super) fn author(&self) -> PartyId {
        self.signer.party()
    }

    /// The line of the next entry, whether or not anybody will take it.
    pub(super) fn line(&self, body: &str) -> String {
        let network = &cast().network;
        let header = Header {
            v: 1,
            alg: self.signer.suite(),
            key: self.signer.key(),
            net: network.id,
            mode: network.mode,
            log: LogKey {
                author: self.signer.party(),
                incarnation: incarnation(),
            },
            seq: self.seq + 1,
            prev: self.prev,
            hlc: 0,
            sent: Wall::at(START),
            body: Hash::of(body.as_bytes()),
            request: None,
            gist: None,
            sensitivity: Sensitivity::Internal,
            must: Vec::new(),
        };
        let header = serde_json::to_string(&header).expect("a header is plain data");
        joined(ENVELOPE, &header, body, self.signer)
    }

    /// Goes on behind an entry of this log.
    pub(super) fn wrote(&mut self, envelope: &Envelope) {
        self.seq = envelope.header().seq;
        self.prev = envelope.hash();
    }

    /// How many entries it has written, and the hash of the last.
    pub(super) fn end(&self) -> (u64, Hash) {
        (self.seq, self.prev)
    }
}

/// The key of the region, which signs the roster.
fn region_signer() -> Option<&'static Signer> {
    static REGION: LazyLock<Option<Signer>> = LazyLock::new(|| {
        // The cast keeps the region's key to itself; it is drawn again here from the same seed.
        let region = cast().network.region;
        let secret = simulator::Stream::Keys.draws(1, region.as_str()).bytes();
        let signer = Signer::new(region, Suite::Ed25519, secret);
        (signer.public() == cast().network.root).then_some(signer)
    });
    REGION.as_ref()
}

/// The line of a direct message with whatever body it is given.
pub(super) fn spoken(topic: &str, number: u64, body: &str, signer: &Signer) -> String {
    let network = &cast().network;
    let header = DirectHeader {
        v: 1,
        alg: signer.suite(),
        key: signer.key(),
        net: network.id,
        mode: network.mode,
        topic: topic.into(),
        from: signer.party(),
        boot: 1,
        n: number,
        sent: Wall::at(START),
        life: Span::minutes(5),
        body: Hash::of(body.as_bytes()),
    };
    let header = serde_json::to_string(&header).expect("a header is plain data");
    joined(DIRECT, &header, body, signer)
}

fn joined(domain: &[u8], header: &str, body: &str, signer: &Signer) -> String {
    let signature = signer.sign(&[domain, header.as_bytes()].concat());
    let digits = protocol::hex(&signature.0);
    format!("{header}\t{body}\t{digits}")
}
