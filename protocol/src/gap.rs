//! The one sentence for entries that are known to exist and are not here: `3 messages missing from
//! Zhuhai since 14:05`, on the screen, in the report, on paper and where a stick was read.

use crate::command::Remark;

/// The sentence. `name` is the author's in Chinese and in English; `since` is the time of day or date
/// of the last entry before those that are missing, `None` if its log is missing from the beginning. A screen
/// does not date entries and says when it noticed.
pub fn missing_from(name: (&str, &str), missing: u64, since: Option<&str>) -> Remark {
    let (from_zh, from_en) = match since {
        Some(since) => (format!("自 {since} 起"), format!("since {since}")),
        None => ("从头起".to_owned(), "from its beginning".to_owned()),
    };
    let messages = if missing == 1 { "message" } else { "messages" };
    let (name_zh, name_en) = name;
    Remark {
        zh: format!("缺{name_zh} {missing} 条消息，{from_zh}"),
        en: format!("{missing} {messages} missing from {name_en} {from_en}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_told_in_one_sentence_of_both_languages() {
        let name = ("珠海", "Zhuhai");
        let told = missing_from(name, 3, Some("14:05"));
        assert_eq!(told.zh, "缺珠海 3 条消息，自 14:05 起");
        assert_eq!(told.en, "3 messages missing from Zhuhai since 14:05");
        let told = missing_from(name, 1, None);
        assert_eq!(told.zh, "缺珠海 1 条消息，从头起");
        assert_eq!(told.en, "1 message missing from Zhuhai from its beginning");
    }
}
