//! A file from a stick, line by line, however long somebody made its lines.

use std::io::BufRead;

use protocol::limit;

/// A line as it stands in the file, without its line break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It ended with a line break.
    Line,
    /// The file ended first.
    Torn,
    /// There is nothing more.
    End,
}

/// Reads the next line. Of one that is over the limit, one byte more than the limit is kept, so that
/// whoever reads it sees that it is.
pub(super) fn next_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<Found> {
    line.clear();
    let mut any = false;
    loop {
        let read = match file.fill_buf() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read.is_empty() {
            return Ok(if any { Found::Torn } else { Found::End });
        }
        any = true;
        let end = read.iter().position(|byte| *byte == b'\n');
        let part = &read[..end.unwrap_or(read.len())];
        let room = (limit::LINE_BYTES + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let taken = end.map_or(read.len(), |end| end + 1);
        file.consume(taken);
        if end.is_some() {
            return Ok(Found::Line);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn lines_are_given_one_by_one_and_a_torn_end_is_told() {
        let mut file = BufReader::with_capacity(3, "one\n\ntwo\nthr".as_bytes());
        let mut line = Vec::new();
        let mut next = || {
            let found = next_line(&mut file, &mut line).unwrap();
            (found, String::from_utf8(line.clone()).unwrap())
        };
        assert_eq!(next(), (Found::Line, "one".to_owned()));
        assert_eq!(next(), (Found::Line, String::new()));
        assert_eq!(next(), (Found::Line, "two".to_owned()));
        assert_eq!(next(), (Found::Torn, "thr".to_owned()));
        assert_eq!(next(), (Found::End, String::new()));
    }

    #[test]
    fn a_line_without_end_takes_no_more_memory_than_a_line_may() {
        let long = [vec![b'x'; 3 * limit::LINE_BYTES], b"\nnext\n".to_vec()].concat();
        let mut file = BufReader::new(long.as_slice());
        let mut line = Vec::new();
        assert_eq!(next_line(&mut file, &mut line).unwrap(), Found::Line);
        assert_eq!(line.len(), limit::LINE_BYTES + 1);
        assert_eq!(next_line(&mut file, &mut line).unwrap(), Found::Line);
        assert_eq!(line, b"next");
    }
}
