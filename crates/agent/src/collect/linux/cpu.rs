//! CPU time, of all cores together and of each.

use cpumonitor_common::{Metric, RowWriter};

use super::roster::Roster;
use super::text;

/// Shares of time since the reading before, from the `cpu` lines of `/proc/stat`.
#[derive(Debug, Default)]
pub(super) struct Cpu {
    whole: Core,
    cores: Roster<Core>,
}

/// One `cpu` line: what it said last, and the shares since the time before. `None` until there are two
/// readings between which the counters moved.
#[derive(Clone, Copy, Debug, Default)]
struct Core {
    last: Option<Times>,
    shares: Option<Shares>,
}

impl Cpu {
    /// Takes in `stat`, the content of `/proc/stat`.
    pub(super) fn read(&mut self, stat: Option<&[u8]>) {
        self.whole.shares = None;
        self.cores.states_mut().for_each(|core| core.shares = None);
        let Some(stat) = stat else { return };
        let mut count = 0;
        for line in text::lines(stat) {
            // The cpu lines come first. What follows may be long, and is not ours.
            let Some(rest) = line.strip_prefix(b"cpu") else { break };
            let mut fields = text::fields(rest);
            if rest.first() == Some(&b' ') {
                self.whole.read(Times::parse(fields));
            } else if let Some(number) = fields.next() {
                self.cores.at(count, number, |_| Core::default()).read(Times::parse(fields));
                count += 1;
            }
        }
        self.cores.end(count);
    }

    /// Puts the readings in catalogue order.
    pub(super) fn put(&self, row: &mut RowWriter) {
        if self.whole.last.is_none() {
            return;
        }
        row.put(Metric::CPU, "", self.whole.shares.map(|shares| shares.busy));
        for (number, core) in self.cores.iter() {
            row.put(Metric::CPU, number, core.shares.map(|shares| shares.busy));
        }
        row.put(Metric::CPU_USER, "", self.whole.shares.map(|shares| shares.user));
        row.put(Metric::CPU_SYSTEM, "", self.whole.shares.map(|shares| shares.system));
        row.put(Metric::CPU_IOWAIT, "", self.whole.shares.map(|shares| shares.iowait));
        row.put(Metric::CPU_STEAL, "", self.whole.shares.map(|shares| shares.steal));
    }
}

impl Core {
    fn read(&mut self, times: Option<Times>) {
        let Some(times) = times else { return };
        if let Some(before) = self.last.replace(times) {
            self.shares = times.shares_since(&before);
        }
    }
}

/// How many of the fields of a `cpu` line count: user, nice, system, idle, iowait, irq, softirq, steal.
/// The last two, guest and guest_nice, are contained in user and nice already.
const FIELDS: usize = 8;

/// Ticks of a hundredth of a second since the kernel started, by mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times([u64; FIELDS]);

/// Shares of the time between two readings, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shares {
    busy: f64,
    user: f64,
    system: f64,
    iowait: f64,
    steal: f64,
}

impl Times {
    /// Reads the numbers of a line. Old kernels have fewer than eight; the first four always exist.
    fn parse<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Option<Times> {
        let mut times = [0; FIELDS];
        let mut count = 0;
        for (time, field) in times.iter_mut().zip(fields) {
            *time = text::number(field)?;
            count += 1;
        }
        (count >= 4).then_some(Times(times))
    }

    /// The shares since `before`, busy as psutil and `top` count it: all but idle and iowait.
    ///
    /// The kernel may take back a tick of idle or iowait; a mode that fell counts as not having moved.
    /// `None` when nothing moved: the two readings are of the same tick, or the counters began anew.
    fn shares_since(&self, before: &Times) -> Option<Shares> {
        let mut grown = [0.0; FIELDS];
        for (grown, (now, then)) in grown.iter_mut().zip(self.0.iter().zip(before.0)) {
            *grown = now.saturating_sub(then) as f64;
        }
        let total: f64 = grown.iter().sum();
        let [user, nice, system, idle, iowait, irq, softirq, steal] = grown;
        (total > 0.0).then(|| Shares {
            busy: (total - idle - iowait) / total,
            user: (user + nice) / total,
            system: (system + irq + softirq) / total,
            iowait: iowait / total,
            steal: steal / total,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(line: &str) -> Option<Times> {
        Times::parse(text::fields(line.as_bytes()))
    }

    #[track_caller]
    fn check(before: &str, now: &str, shares: Option<[f64; 5]>) {
        let seen = times(now).unwrap().shares_since(&times(before).unwrap());
        assert_eq!(seen.map(|s| [s.busy, s.user, s.system, s.iowait, s.steal]), shares);
    }

    #[test]
    fn busy_is_all_but_idle_and_iowait() {
        check("0 0 0 0 0 0 0 0", "10 10 10 20 20 5 5 20", Some([0.6, 0.2, 0.2, 0.2, 0.2]));
        check("1 0 0 9", "2 0 0 12", Some([0.25, 0.25, 0.0, 0.0, 0.0]));
    }

    #[test]
    fn guests_are_not_counted_twice() {
        check("0 0 0 0 0 0 0 0 0 0", "50 0 0 50 0 0 0 0 40 0", Some([0.5, 0.5, 0.0, 0.0, 0.0]));
    }

    #[test]
    fn what_did_not_move_has_no_shares() {
        check("5 5 5 5", "5 5 5 5", None);
        check("900 900 900 900", "5 5 5 5", None);
    }

    #[test]
    fn iowait_may_fall() {
        check("0 0 0 0 50", "10 0 0 90 40", Some([0.1, 0.1, 0.0, 0.0, 0.0]));
    }

    #[test]
    fn a_core_that_went_offline_leaves_and_the_others_go_on() {
        let mut cpu = Cpu::default();
        cpu.read(Some(b"cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\nintr 1\ncpu9 1 1 1 1\n"));
        cpu.read(Some(b"cpu  1 0 0 1\ncpu1 1 0 0 3\nintr 1\n"));
        let cores: Vec<_> =
            cpu.cores.iter().map(|(n, core)| (n.to_owned(), core.shares.unwrap().busy)).collect();
        assert_eq!(cores, [("1".to_owned(), 0.25)]);
    }

    #[test]
    fn an_unreadable_file_is_a_gap() {
        let mut cpu = Cpu::default();
        for stat in [Some(&b"cpu  0 0 0 0\ncpu0 0 0 0 0\n"[..]), Some(b"cpu  1 0 0 0\ncpu0 1 0 0 0\n"), None]
        {
            cpu.read(stat);
        }
        let mut row = RowWriter::default();
        row.start();
        cpu.put(&mut row);
        assert!(row.finish().2.iter().all(|code| !code.is_present()));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(stats in prop::collection::vec("(cpu[0-9 ]{1,30}\n){0,4}.{0,20}", 1..4)) {
            let mut cpu = Cpu::default();
            for stat in stats {
                cpu.read(Some(stat.as_bytes()));
            }
            cpu.put(&mut RowWriter::default());
        }

        #[test]
        fn shares_are_shares(before: [u32; FIELDS], now: [u32; FIELDS]) {
            let shares = Times(now.map(u64::from)).shares_since(&Times(before.map(u64::from)));
            if let Some(Shares { busy, user, system, iowait, steal }) = shares {
                for share in [busy, user, system, iowait, steal] {
                    prop_assert!((-1e-9..=1.0 + 1e-9).contains(&share));
                }
                prop_assert!((busy - user - system - steal).abs() < 1e-6);
            }
        }
    }
}
