//! Rust text without its comments and literals, so that rules about code see code alone.

/// The text with comments, strings and characters blanked; every byte keeps its place.
pub(crate) fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + blank_length(bytes, at);
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(code).expect("whole literals were blanked, byte for byte")
}

/// The line, from 1, that a byte stands on.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Where a word stands, neither preceded nor followed by a letter, digit or underscore.
pub(crate) fn find_word(text: &str, word: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| {
            let before = at.checked_sub(1).map(|before| bytes[before]);
            let after = bytes.get(at + word.len()).copied();
            ![before, after].into_iter().flatten().any(is_name)
        })
        .collect()
}

/// Whether a byte may stand in a name.
pub(crate) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How many bytes from here are comment or literal; none if code begins here.
fn blank_length(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let inside_name = at > 0 && is_name(bytes[at - 1]);
    match rest {
        [b'/', b'/', ..] => rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => 1 + quoted(&rest[1..], b'"'),
        [b'r', b'"' | b'#', ..] if !inside_name => raw_string(rest, 1),
        [b'b' | b'c', b'r', b'"' | b'#', ..] if !inside_name => raw_string(rest, 2),
        [b'\'', ..] => character(rest),
        _ => 0,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A raw string whose prefix letters are given; a raw name such as `r#type` is code.
fn raw_string(rest: &[u8], prefix: usize) -> usize {
    let hashes = rest[prefix..]
        .iter()
        .take_while(|byte| **byte == b'#')
        .count();
    let open = prefix + hashes;
    if rest.get(open) != Some(&b'"') {
        return 0;
    }
    let mut close = vec![b'"'];
    close.resize(hashes + 1, b'#');
    rest[open + 1..]
        .windows(close.len())
        .position(|window| window == close)
        .map_or(rest.len(), |inside| open + 1 + inside + close.len())
}

/// A character literal; a lifetime is code.
fn character(rest: &[u8]) -> usize {
    match rest {
        [_, b'\\', ..] => 1 + quoted(&rest[1..], b'\''),
        [_, first, b'\'', ..] if first.is_ascii() => 3,
        [_, first, ..] if !first.is_ascii() => 1 + quoted(&rest[1..], b'\''),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_stays_in_place() {
        let text = "a /* b /* c */ d */ e // f\n'g' \"h\\\"i\" '\\'' r#\"j\"k\"# br\"l\" '联' m";
        let code = code_of(text);
        assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "e", "m"]);
        assert_eq!((code.len(), line_of(&code, code.len())), (text.len(), 2));
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        let text = "fn f<'a>(r#type: &'a str, c: char) { g('b') }";
        assert_eq!(code_of(text), text.replace("'b'", "   "));
    }

    #[test]
    fn an_unclosed_literal_is_blanked_to_the_end() {
        assert_eq!(code_of("a \"b\nc").trim_end(), "a");
        assert_eq!(code_of("a r#\"b\" c").trim_end(), "a");
        assert_eq!(code_of("a /* b").trim_end(), "a");
    }

    #[test]
    fn words_are_found_whole() {
        assert_eq!(find_word("mod a; modest my_mod mod", "mod"), [0, 21]);
    }
}
