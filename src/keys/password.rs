//! `keys password`: the line of a party's password for a gate's file of passwords.

use std::io::BufRead;

use broker::Passwords;

use crate::cli::HopPassword;
use crate::failure::{Code, Failure};
use crate::print;

/// Where a password may come from besides standard input.
const VARIABLE: &str = "LIANDONG_PASSWORD";

/// Characters of a password that is not drawn: short ones are found by trying.
const SHORTEST: usize = 12;

/// Prints the line; the password itself is neither an argument nor printed.
pub(super) fn password(args: &HopPassword) -> Result<(), Failure> {
    let password = match std::env::var(VARIABLE) {
        Ok(password) => password,
        Err(_) => from_input()?,
    };
    let count = password.chars().count();
    if count < SHORTEST {
        let what = format!("the password has {count} characters; give it {SHORTEST} at least");
        return Err(Failure::new(Code::Config, what));
    }
    let line = Passwords::line(args.party, password.as_bytes())
        .map_err(|error| Failure::new(Code::TryLater, error))?;
    print::line(line)
}

fn from_input() -> Result<String, Failure> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Failure::new(Code::Data, format!("standard input: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
