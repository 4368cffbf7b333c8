//! Machines of a test: network namespaces that hang on one switch by a cable each, in a namespace of the
//! switch's own, so that nothing is changed in the network of whoever runs the test.
//!
//! A warden takes it all down, however the test ends, being killed among the ways.
//!
//! Takes root, or `CAP_NET_ADMIN` and `CAP_SYS_ADMIN`, and `ip` of Debian's iproute2.

use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// What the warden does once nobody holds the other end of its standard input any more: it ends what
/// still runs on the machines, and takes them down by name.
const WARDEN: &str = r#"
trap '' HUP INT TERM
read -r _
for machine in "$@"; do
    ip netns pids "$machine" | xargs -r kill -KILL
    ip netns delete "$machine"
done
"#;

/// The machines and the switch between them. They are gone when this is dropped.
pub(crate) struct Machines {
    switch: String,
    names: Vec<String>,
    warden: Child,
}

impl Machines {
    /// Sets up so many machines, or says why this machine allows none. `name` is of one test alone.
    pub(crate) fn set_up(name: &str, count: usize) -> Result<Self, String> {
        let prefix = format!("liandong-{}-{name}", std::process::id());
        let switch = format!("{prefix}-switch");
        let names: Vec<String> = (0..count).map(|it| format!("{prefix}-{it}")).collect();
        // A group of its own: what ends the test's is not for it.
        let warden = Command::new("sh")
            .args(["-c", WARDEN, "warden"])
            .args(names.iter().chain([&switch]))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        // What stands already is taken down with it, if a step fails.
        let all = Self {
            switch,
            names,
            warden: warden.map_err(|error| format!("sh: {error}"))?,
        };
        ip(&["netns", "add", &all.switch])?;
        all.in_switch(&["link", "add", "switch", "type", "bridge"])?;
        all.in_switch(&["link", "set", "switch", "up"])?;
        for (number, machine) in all.names.iter().enumerate() {
            ip(&["netns", "add", machine])?;
            all.plug_in(number)?;
        }
        Ok(all)
    }

    fn plug_in(&self, number: usize) -> Result<(), String> {
        let (port, machine) = (port(number), self.names[number].as_str());
        let address = format!("{}/24", Self::address(number));
        self.in_switch(&[
            "link", "add", &port, "type", "veth", "peer", "name", "cable", "netns", machine,
        ])?;
        self.in_switch(&["link", "set", &port, "master", "switch", "up"])?;
        ip(&["-n", machine, "address", "add", &address, "dev", "cable"])?;
        ip(&["-n", machine, "link", "set", "cable", "up"])?;
        ip(&["-n", machine, "link", "set", "lo", "up"])
    }

    /// Where a machine is. Nobody else's network has these addresses in it.
    pub(crate) fn address(number: usize) -> Ipv4Addr {
        let last = u8::try_from(number + 1).unwrap();
        Ipv4Addr::new(10, 77, 0, last)
    }

    /// Pulls a machine's cable out of the switch: nobody is told, what is sent is gone.
    pub(crate) fn pull_out(&self, number: usize) {
        self.in_switch(&["link", "set", &port(number), "down"])
            .unwrap();
    }

    /// Puts it back.
    pub(crate) fn put_back(&self, number: usize) {
        self.in_switch(&["link", "set", &port(number), "up"])
            .unwrap();
    }

    /// The same program on a machine.
    pub(crate) fn on(&self, number: usize, program: &Command) -> Command {
        let mut there = Command::new("ip");
        there.args(["netns", "exec", &self.names[number]]);
        there.arg(program.get_program()).args(program.get_args());
        if let Some(folder) = program.get_current_dir() {
            there.current_dir(folder);
        }
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => there.env(name, value),
                None => there.env_remove(name),
            };
        }
        there
    }

    fn in_switch(&self, args: &[&str]) -> Result<(), String> {
        ip(&[&["-n", &self.switch], args].concat())
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        drop(self.warden.stdin.take());
        drop(self.warden.wait());
    }
}

fn port(number: usize) -> String {
    format!("port{number}")
}

fn ip(args: &[impl AsRef<OsStr>]) -> Result<(), String> {
    let run = Command::new("ip").args(args).stdin(Stdio::null()).output();
    let run = run.map_err(|error| format!("ip (package iproute2): {error}"))?;
    if run.status.success() {
        return Ok(());
    }
    let args: Vec<_> = args
        .iter()
        .map(|it| it.as_ref().to_string_lossy())
        .collect();
    let said = String::from_utf8_lossy(&run.stderr);
    Err(format!("ip {}: {}", args.join(" "), said.trim()))
}
