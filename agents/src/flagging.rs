//! Texts that no screen shows as they are (R18, R19): they are taken, counted and told.
//!
//! Every screen and page takes the power from such a text by itself; here the people learn of it.

use std::sync::Arc;

use protocol::{Blemish, Envelope, Frame, blemishes};

use crate::answer::{Recorded, remark};
use crate::office::{Office, Turn};

impl Office {
    /// Looks at what a crew, a call system or an operator says to this office. Who told of a person is
    /// told so with the answer.
    pub(crate) fn flag_spoken(&mut self, turn: &mut Turn, frame: &Frame) {
        for blemish in blemishes(frame.text()) {
            self.hearing.refuse(blemish.code());
            turn.personal |= blemish == Blemish::Personal;
        }
    }

    /// Looks at what somebody else's entry says. Who steers terminals may be up to something.
    pub(crate) fn flag_entry(&mut self, turn: &mut Turn, entry: &Arc<Envelope>) {
        let log = entry.header().log;
        if log.author == self.party() {
            return;
        }
        for blemish in entry.blemishes() {
            self.hearing.refuse(blemish.code());
            if *blemish == Blemish::Steers {
                self.alarm_once(turn, (blemish.code(), log.author), log, || {
                    format!(
                        "entries of {log} hold characters that steer a terminal; they are shown without"
                    )
                });
            }
        }
    }
}

/// What was done, with the advice that its text tells of a person, unless there is another remark.
pub(crate) fn advised(turn: &Turn, mut recorded: Recorded) -> Recorded {
    if turn.personal && recorded.remark.is_none() {
        recorded.remark = Some(remark(
            "文字含身份证号或手机号：全区域都会收到，屏幕上以 * 遮盖；如非必要请勿填写".to_owned(),
            "the text holds an identity card's or a mobile number: the whole region gets it, and screens \
             hide its middle; leave such numbers out where they are not needed"
                .to_owned(),
        ));
    }
    recorded
}
