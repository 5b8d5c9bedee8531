//! Bytes through network interfaces.
//!
//! Which interfaces are shown, and which add up to the whole:
//! - Loopback is neither. An interface that never carried a byte is left out until it does.
//! - Cables to containers and virtual machines (`veth…`, `cali…`, `tap…`) are neither: they are named at
//!   random, come and go with their container, and their bytes pass a bridge as well.
//! - The whole is the sum over interfaces with hardware, real or virtual, behind them
//!   (`/sys/class/net/NAME/device`). Bridges, bonds, VLANs and tunnels show the same bytes again.
//! - Where none has hardware, as inside a container, the whole is the sum over those whose name does not
//!   tell that they repeat others' bytes.

use std::path::{Path, PathBuf};

use cpumonitor_common::{Metric, RowWriter};

use super::roster::Roster;
use super::text;
use crate::clock::Moment;
use crate::collect::rate::Rate;

/// The interfaces of `/proc/net/dev`.
#[derive(Debug)]
pub(super) struct Network {
    sys_net: PathBuf,
    interfaces: Roster<Interface>,
}

#[derive(Debug)]
struct Interface {
    role: Role,
    carried: bool,
    receive: Rate,
    transmit: Rate,
    received_bytes_per_sec: Option<f64>,
    transmitted_bytes_per_sec: Option<f64>,
}

/// What an interface is to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Neither shown nor added up.
    Hidden,
    /// Has hardware behind it.
    Hardware,
    /// Has none, and carries bytes of its own as far as its name tells.
    Plain,
    /// Shows bytes that another interface shows, too.
    Repeats,
}

/// Names that begin like this are one end of a cable to a container or a virtual machine.
const CABLES: [&str; 7] = ["veth", "cali", "lxc", "tap", "vnet", "fwln", "fwpr"];
/// Names that begin like this are bridges, bonds, tunnels and the like.
const REPEATING: [&str; 15] = [
    "docker",
    "br",
    "virbr",
    "vmbr",
    "bond",
    "team",
    "cni",
    "flannel",
    "cilium",
    "wg",
    "tun",
    "tailscale",
    "ifb",
    "dummy",
    "vxlan",
];

impl Network {
    /// No interfaces yet; what they are is looked up in `sys_net`, that is `/sys/class/net`.
    pub(super) fn new(sys_net: PathBuf) -> Network {
        Network { sys_net, interfaces: Roster::default() }
    }

    /// Takes in `dev`, the content of `/proc/net/dev`.
    pub(super) fn read(&mut self, now: Moment, dev: Option<&[u8]>) {
        let Some(dev) = dev else {
            self.interfaces.states_mut().for_each(|interface| interface.read(now, None));
            return;
        };
        let mut count = 0;
        // The first two lines are headings.
        for line in text::lines(dev).skip(2) {
            let Some(colon) = line.iter().rposition(|byte| *byte == b':') else { continue };
            let (name, numbers) = (line[..colon].trim_ascii(), &line[colon + 1..]);
            let sys_net = &self.sys_net;
            let interface = self.interfaces.at(count, name, |name| Interface::new(role(sys_net, name)));
            count += 1;
            if interface.role != Role::Hidden {
                interface.read(now, parse(numbers));
            }
        }
        self.interfaces.end(count);
    }

    /// Puts the readings in catalogue order.
    pub(super) fn put(&self, row: &mut RowWriter) {
        let shown = || self.interfaces.iter().filter(|(_, i)| i.role != Role::Hidden && i.carried);
        if shown().next().is_none() {
            return;
        }
        let has_hardware = self.interfaces.iter().any(|(_, i)| i.role == Role::Hardware);
        let counted = if has_hardware { Role::Hardware } else { Role::Plain };
        let sum = |of: fn(&Interface) -> Option<f64>| {
            shown()
                .filter(|(_, i)| i.role == counted)
                .filter_map(|(_, i)| of(i))
                .reduce(|sum, value| sum + value)
        };
        row.put(Metric::NETWORK_RECEIVE, "", sum(|i| i.received_bytes_per_sec));
        for (name, interface) in shown() {
            row.put(Metric::NETWORK_RECEIVE, name, interface.received_bytes_per_sec);
        }
        row.put(Metric::NETWORK_TRANSMIT, "", sum(|i| i.transmitted_bytes_per_sec));
        for (name, interface) in shown() {
            row.put(Metric::NETWORK_TRANSMIT, name, interface.transmitted_bytes_per_sec);
        }
    }
}

impl Interface {
    fn new(role: Role) -> Interface {
        Interface {
            role,
            carried: false,
            receive: Rate::default(),
            transmit: Rate::default(),
            received_bytes_per_sec: None,
            transmitted_bytes_per_sec: None,
        }
    }

    fn read(&mut self, now: Moment, totals: Option<(u64, u64)>) {
        (self.received_bytes_per_sec, self.transmitted_bytes_per_sec) = (None, None);
        let Some((received, transmitted)) = totals else { return };
        self.carried |= received > 0 || transmitted > 0;
        self.received_bytes_per_sec = self.receive.observe(now, received);
        self.transmitted_bytes_per_sec = self.transmit.observe(now, transmitted);
    }
}

/// Bytes received and sent: the first and the ninth number of a line.
fn parse(numbers: &[u8]) -> Option<(u64, u64)> {
    let mut fields = text::fields(numbers).map(text::number);
    Some((fields.next()??, fields.nth(7)??))
}

fn role(sys_net: &Path, name: &str) -> Role {
    let begins = |names: &[&str]| names.iter().any(|prefix| name.starts_with(prefix));
    if name == "lo" || begins(&CABLES) {
        Role::Hidden
    } else if sys_net.join(name).join("device").exists() {
        Role::Hardware
    } else if begins(&REPEATING) || name.contains('.') {
        Role::Repeats
    } else {
        Role::Plain
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use proptest::prelude::*;

    const HEADINGS: &str = "Inter-| Receive | Transmit\n face |bytes packets|bytes packets\n";

    fn dev(interfaces: &[(&str, u64, u64)]) -> Vec<u8> {
        let mut text = HEADINGS.to_owned();
        for (name, received, sent) in interfaces {
            text += &format!("{name:>6}: {received} 9 0 0 0 0 0 0 {sent} 9 0 0 0 0 0 0\n");
        }
        text.into_bytes()
    }

    /// The readings after one second between these totals.
    fn readings(
        hardware: &[&str],
        first: &[(&str, u64, u64)],
        second: &[(&str, u64, u64)],
    ) -> Vec<(String, Option<f64>)> {
        let sys = tempfile::tempdir().unwrap();
        for name in hardware {
            std::fs::create_dir_all(sys.path().join(name).join("device")).unwrap();
        }
        let mut network = Network::new(sys.path().to_owned());
        for (second, totals) in [first, second].into_iter().enumerate() {
            network.read(Moment::after_start(Duration::from_secs(second as u64)), Some(&dev(totals)));
        }
        let mut row = RowWriter::default();
        row.start();
        network.put(&mut row);
        let (layout, _, codes) = row.finish();
        let values = layout.series.iter().zip(codes);
        values.map(|(series, code)| (series.to_string(), series.metric.decode(*code))).collect()
    }

    #[track_caller]
    fn check(
        hardware: &[&str],
        first: &[(&str, u64, u64)],
        second: &[(&str, u64, u64)],
        expected: &[(&str, Option<f64>)],
    ) {
        let expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        assert_eq!(readings(hardware, first, second), expected);
    }

    #[test]
    fn the_whole_is_what_passes_hardware() {
        check(
            &["eth0", "eth1"],
            &[
                ("lo", 1, 1),
                ("eth0", 1, 1),
                ("eth1", 1, 1),
                ("bond0", 2, 2),
                ("veth12ab", 1, 1),
                ("ifb0", 0, 0),
            ],
            &[
                ("lo", 9, 9),
                ("eth0", 5, 2),
                ("eth1", 3, 1),
                ("bond0", 8, 3),
                ("veth12ab", 7, 7),
                ("ifb0", 0, 0),
            ],
            &[
                ("net.rx", Some(6.0)),
                ("net.rx[eth0]", Some(4.0)),
                ("net.rx[eth1]", Some(2.0)),
                ("net.rx[bond0]", Some(6.0)),
                ("net.tx", Some(1.0)),
                ("net.tx[eth0]", Some(1.0)),
                ("net.tx[eth1]", Some(0.0)),
                ("net.tx[bond0]", Some(1.0)),
            ],
        );
    }

    #[test]
    fn without_hardware_names_tell_what_repeats() {
        let total = readings(&[], &[("eth0", 1, 1), ("wg0", 1, 1)], &[("eth0", 5, 5), ("wg0", 3, 3)]);
        assert_eq!(total[0], ("net.rx".to_owned(), Some(4.0)));
    }

    #[test]
    fn an_interface_made_anew_is_a_gap() {
        let first: &[_] = &[("eth0", 500, 500), ("wg0", 5, 5)];
        let second: &[_] = &[("eth0", 600, 700), ("wg0", 1, 1)];
        let seen = readings(&["eth0"], first, second);
        assert!(seen.contains(&("net.rx[wg0]".to_owned(), None)));
        assert!(seen.contains(&("net.rx[eth0]".to_owned(), Some(100.0))));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(texts in prop::collection::vec("([a-z/.:]{0,4}:( [0-9]{1,22}){0,12}\n|.{0,9}\n){0,5}", 1..4)) {
            let mut network = Network::new(PathBuf::from("/nonexistent"));
            for (second, text) in texts.iter().enumerate() {
                network.read(Moment::after_start(Duration::from_secs(second as u64)), Some(text.as_bytes()));
            }
            network.put(&mut RowWriter::default());
        }
    }
}
