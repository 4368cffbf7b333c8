//! What the system says of this process's memory.

/// Megabytes of memory that this process has now; `None` where the system does not tell.
pub(super) fn resident_mb() -> Option<u64> {
    status("VmRSS:")
}

/// The most that it ever had.
pub(super) fn peak_mb() -> Option<u64> {
    status("VmHWM:")
}

fn status(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1_024)
}
