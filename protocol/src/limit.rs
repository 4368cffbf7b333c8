//! How large anything on the bus may be. Every limit has its name here and nowhere else.

/// Bytes of one envelope's line: header, body and signature with their tabs.
///
/// A report with every field filled takes about 4 KB; 64 KiB leaves room for a polygon of
/// [`POLYGON_POINTS`] points and is a quarter of what a bus packet carries.
pub const LINE_BYTES: usize = 64 * 1024;

/// Bytes of one MQTT payload, on both sides of every link (bus.md, sections 8 and 14).
pub const PAYLOAD_BYTES: usize = 256 * 1024;

/// Bytes of envelopes that one `Append` or `Fill` carries, so that a batch never nears the payload limit.
pub const BATCH_BYTES: usize = 32 * 1024;

/// Envelopes in one batch.
pub const BATCH_ENVELOPES: usize = 64;

/// Things that one snapshot lets go of: at some twenty bytes each they fit an envelope.
pub const OVER_ITEMS: usize = 2_000;

/// Bytes of one author's state: 64 MiB, twenty times what a city at work comes to.
pub const STATE_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of one part of a state as it travels.
pub const STATE_PART_BYTES: usize = 64 * 1024;

/// Parts of one author's state: what one of [`STATE_BYTES`] comes to that hardly packs.
pub const STATE_PARTS: u32 = 1_024;

/// How deep lists and objects of a body may nest.
pub const BODY_DEPTH: usize = 12;

/// Characters of a free text (a place, a cause, a note).
pub const TEXT_CHARS: usize = 2_000;

/// Characters of the code of a kind of event.
pub const EVENT_CHARS: usize = 80;

/// Characters of the name of a post: who decided, asked or answered.
pub const POST_CHARS: usize = 80;

/// Characters of a summary; CAP advises 160 for a headline.
pub const SUMMARY_CHARS: usize = 160;

/// Items in any list of a body (needs, links, offer lines, roads).
pub const LIST_ITEMS: usize = 512;

/// Corners of an area's polygon, the closing one included.
pub const POLYGON_POINTS: usize = 1_024;

/// Envelopes of one log that wait for an earlier one; later ones are dropped and asked for again.
pub const PARKED_ENVELOPES: usize = 1_024;

/// Envelopes of one author, over all of its lives, that wait for an earlier one: two lives' worth, for one
/// may still be on its way when the next begins.
pub const PARKED_OF_AUTHOR: usize = 2 * PARKED_ENVELOPES;

/// Bytes of entries that an office has handed to its disk and that are not on it: a disk that takes an entry
/// a second has them after half a day, one that hangs never, and meanwhile nothing more is taken.
pub const UNDURABLE_BYTES: usize = 32 * 1024 * 1024;

/// Lives of one author that are kept although they lead nowhere: orphans, and those of which the beginning
/// is missing. An honest author has a few after a bad day; who joins late hears of 64 at a time.
pub const LIVES_ASIDE: usize = 128;

/// Logs that a digest may list.
pub const DIGEST_LOGS: usize = 512;
/// Boots that a digest names.
pub const DIGEST_BOOTS: usize = 64;

/// Entries of the memory of verified lines that a process keeps: those of minutes at the rates of a
/// drill, in some twenty megabytes. A line comes again over another bus, or because a fill was late.
pub const VERIFIED_LINES: usize = 8_192;

/// Needs that one answer lists, and offers and commitments of each: a screenful, far below a payload.
pub const LISTED: usize = 40;

/// Resources that one answer lists: more than a city's fleet, at some 150 bytes each below a payload.
pub const LISTED_RESOURCES: usize = 1_000;

/// The most of one kind that one need may ask: beyond what a province has of anything counted in
/// units, so that a slip of the finger is refused before it empties the neighbours.
pub const NEED_QUANTITY: u32 = 10_000;

/// The most of one stock or capacity that one count may tell of: ten times what the depots of a large
/// city hold of anything counted in pieces, so that a slip of the finger is refused.
pub const STOCK_QUANTITY: u32 = 10_000_000;
