//! One sample of a virtual host, family by family, in the order a real agent reports.

use cpumonitor_common::{Metric, RowWriter, Timestamp};

use super::{Host, SPINNING};
use crate::dice::{Dice, Episodes};
use crate::machine::MAX_CORES;
use crate::role::Role;
use crate::weather::Weather;

/// The neighbours on the same hypervisor want the core, too.
const NEIGHBOURS: Episodes = Episodes { slot: 1_200.0, chance: 0.3, shortest: 20.0, longest: 200.0 };

/// What the families of one sample share.
struct Moment {
    /// Since the Unix epoch.
    seconds: f64,
    /// Share of the machine at work, without the noise of the second.
    effort: f64,
    /// The same, averaged over the last minute.
    over_a_minute: f64,
    /// Share of time waiting for disks.
    iowait: f64,
}

impl Host {
    /// Writes the readings at `at`: starts the sample, and leaves it for the caller to finish.
    pub fn sample(&self, weather: &Weather, at: Timestamp, writer: &mut RowWriter) {
        let seconds = at.as_ms() as f64 / 1_000.0;
        let effort = self.effort(weather, seconds);
        let over_a_minute = (effort + self.mean_effort(weather, seconds, [20.0, 40.0]) * 2.0) / 3.0;
        let disk_role = if self.role == Role::Db { 0.12 } else { 0.02 };
        let iowait = disk_role * effort * (1.0 + self.dice.of(20).jitter(seconds)) / 2.0;
        let moment = Moment { seconds, effort, over_a_minute, iowait };

        writer.start();
        self.cpu(&moment, writer);
        self.load(weather, &moment, writer);
        self.memory(&moment, writer);
        self.disks(&moment, writer);
        self.file_systems(&moment, writer);
        self.interfaces(&moment, writer);
        self.sensors(&moment, writer);
        self.processes(&moment, writer);
        writer.put(Metric::UPTIME, "", Some(at.ms_since(self.boot_at(at)) as f64 / 1_000.0));
    }

    fn mean_effort<const N: usize>(&self, weather: &Weather, seconds: f64, ago: [f64; N]) -> f64 {
        ago.into_iter().map(|ago| self.effort(weather, seconds - ago)).sum::<f64>() / N as f64
    }

    /// The whole is the mean of the cores, and its modes add up to it.
    fn cpu(&self, moment: &Moment, writer: &mut RowWriter) {
        let seconds = moment.seconds;
        let spinning = self.dice.of(21).episode(seconds, SPINNING);
        let spinning = spinning.map(|episode| (episode.dice.bits() % self.core_names.len() as u64) as usize);
        let ceiling = 1.0 - moment.iowait;
        let mut cores = [0.0f64; MAX_CORES];
        let cores = &mut cores[..self.core_names.len()];
        for (place, core) in cores.iter_mut().enumerate() {
            let dice = self.dice.of(1_000 + place as u64);
            let bias = dice.between(0.8, 1.2);
            let wander = 0.5 * moment.effort.min(1.0 - moment.effort);
            let noise = dice.of(1).drift(seconds, 7.0) * wander + dice.of(2).jitter(seconds) * 0.04;
            let at_work = if spinning == Some(place) { 1.0 } else { moment.effort * bias + noise };
            *core = at_work.clamp(0.0, ceiling);
        }
        let busy = cores.iter().sum::<f64>() / cores.len().max(1) as f64;
        let steal = if self.machine.model.is_virtual {
            let neighbours = self.dice.of(22).episode(seconds, NEIGHBOURS);
            busy * (0.01 + neighbours.map_or(0.0, |e| e.dice.between(0.05, 0.25) * e.plateau(5.0)))
        } else {
            0.0
        };
        let kernel_share = if self.role == Role::Cache { 0.5 } else { 0.25 };
        let system = (busy - steal) * kernel_share * (1.0 + 0.2 * self.dice.of(23).jitter(seconds));

        writer.put(Metric::CPU, "", Some(busy));
        for (name, core) in self.core_names.iter().zip(cores.iter()) {
            writer.put(Metric::CPU, name, Some(*core));
        }
        writer.put(Metric::CPU_USER, "", Some(busy - steal - system));
        writer.put(Metric::CPU_SYSTEM, "", Some(system));
        writer.put(Metric::CPU_IOWAIT, "", Some(moment.iowait));
        writer.put(Metric::CPU_STEAL, "", Some(steal));
    }

    fn load(&self, weather: &Weather, moment: &Moment, writer: &mut RowWriter) {
        let cores = f64::from(self.machine.core_count);
        // A machine near its limit has tasks queueing: load outgrows the cores.
        let load = |effort: f64| cores * effort * (1.0 + effort * effort * 0.6) + 0.05;
        let over_five = self.mean_effort(weather, moment.seconds, [60.0, 150.0, 240.0]);
        let over_fifteen = self.mean_effort(weather, moment.seconds, [150.0, 450.0, 750.0]);
        writer.put(Metric::LOAD_1, "", Some(load(moment.over_a_minute)));
        writer.put(Metric::LOAD_5, "", Some(load(over_five)));
        writer.put(Metric::LOAD_15, "", Some(load(over_fifteen)));
    }

    fn memory(&self, moment: &Moment, writer: &mut RowWriter) {
        let base = match self.role {
            Role::Cache => self.dice.of(24).between(0.6, 0.85),
            Role::Db => self.dice.of(24).between(0.45, 0.75),
            Role::Web | Role::Batch => self.dice.of(24).between(0.2, 0.45),
        };
        let breath = 0.03 * self.dice.of(25).drift(moment.seconds, 300.0);
        let work = if self.role == Role::Cache { 0.05 } else { 0.25 } * moment.over_a_minute;
        let used = (base + breath + work + self.leak(moment.seconds, 0.95 - base)).clamp(0.03, 0.97);
        let total = self.machine.memory_bytes as f64;
        writer.put(Metric::MEMORY, "", Some(used));
        writer.put(Metric::MEMORY_USED, "", Some(total * used));
        writer.put(Metric::MEMORY_AVAILABLE, "", Some(total * (1.0 - used)));
        writer.put(Metric::MEMORY_CACHED, "", Some(total * (1.0 - used) * 0.7));
        if self.machine.swap_bytes > 0 {
            let swapped = (0.01 + (used - 0.85).max(0.0) * 4.0).min(0.9);
            writer.put(Metric::SWAP, "", Some(swapped));
            writer.put(Metric::SWAP_USED, "", Some(swapped * self.machine.swap_bytes as f64));
        }
    }

    /// One host in twelve loses memory until its service is restarted.
    fn leak(&self, seconds: f64, room: f64) -> f64 {
        let dice = self.dice.of(26);
        if dice.of(0).unit() >= 1.0 / 12.0 {
            return 0.0;
        }
        let period = dice.of(1).between(1_800.0, 9_000.0);
        room * (seconds / period + dice.of(2).unit()).rem_euclid(1.0)
    }

    fn disks(&self, moment: &Moment, writer: &mut RowWriter) {
        let most = self.machine.model.disk_bytes_per_sec;
        let (reads, writes) = match self.role {
            Role::Db => (0.10, 0.08),
            Role::Batch => (0.12, 0.06),
            Role::Web | Role::Cache => (0.002, 0.01),
        };
        let (mut all_read, mut all_write, mut busiest) = (0.0, 0.0, 0.0f64);
        for (place, name) in self.machine.model.disks.iter().enumerate() {
            let dice = self.dice.of(2_000 + place as u64);
            let noisy = |dice: Dice, rate: f64| rate * (1.0 + 0.5 * dice.jitter(moment.seconds));
            // What was collected in memory is written out twice a minute, within three seconds.
            let flushing = (moment.seconds / 30.0 + dice.of(0).unit()).rem_euclid(1.0) < 0.1;
            let flush = if flushing { 5.0 } else { 1.0 };
            let read = noisy(dice.of(1), most * reads * moment.effort);
            let write = noisy(dice.of(2), most * writes * moment.effort * flush).min(most);
            let busy = ((read + write) / most * 1.4 + moment.iowait).clamp(0.0, 1.0);
            writer.put(Metric::DISK_READ, name, Some(read));
            writer.put(Metric::DISK_WRITE, name, Some(write));
            writer.put(Metric::DISK_BUSY, name, Some(busy));
            all_read += read;
            all_write += write;
            busiest = busiest.max(busy);
        }
        writer.put(Metric::DISK_READ, "", Some(all_read));
        writer.put(Metric::DISK_WRITE, "", Some(all_write));
        writer.put(Metric::DISK_BUSY, "", Some(busiest));
    }

    /// They fill over days, and somebody cleans up.
    fn file_systems(&self, moment: &Moment, writer: &mut RowWriter) {
        let (mut fullest, mut least) = (0.0f64, f64::INFINITY);
        for (place, (mount, size_bytes)) in self.machine.model.file_systems.iter().enumerate() {
            let dice = self.dice.of(3_000 + place as u64);
            let (clean, full) = (dice.of(0).between(0.15, 0.5), dice.of(1).between(0.5, 0.96));
            let period = dice.of(2).between(1.0, 20.0) * 86_400.0;
            let taken =
                clean + (full - clean) * (moment.seconds / period + dice.of(3).unit()).rem_euclid(1.0);
            let available = *size_bytes as f64 * (1.0 - taken);
            writer.put(Metric::FILESYSTEM, mount, Some(taken));
            writer.put(Metric::FILESYSTEM_AVAILABLE, mount, Some(available));
            fullest = fullest.max(taken);
            least = least.min(available);
        }
        writer.put(Metric::FILESYSTEM, "", Some(fullest));
        writer.put(Metric::FILESYSTEM_AVAILABLE, "", Some(least));
    }

    fn interfaces(&self, moment: &Moment, writer: &mut RowWriter) {
        let most = self.machine.model.interface_bytes_per_sec;
        let (receive, transmit) = match self.role {
            Role::Web => (0.05, 0.3),
            Role::Cache => (0.15, 0.6),
            Role::Db => (0.02, 0.08),
            Role::Batch => (0.1, 0.02),
        };
        let (mut all_in, mut all_out) = (0.0, 0.0);
        for (place, name) in self.machine.model.interfaces.iter().enumerate() {
            let dice = self.dice.of(4_000 + place as u64);
            let noisy = |dice: Dice, share: f64| {
                (most * share * moment.effort * (1.0 + 0.3 * dice.jitter(moment.seconds)) + 2_000.0).min(most)
            };
            let (received, sent) = (noisy(dice.of(0), receive), noisy(dice.of(1), transmit));
            writer.put(Metric::NETWORK_RECEIVE, name, Some(received));
            writer.put(Metric::NETWORK_TRANSMIT, name, Some(sent));
            all_in += received;
            all_out += sent;
        }
        writer.put(Metric::NETWORK_RECEIVE, "", Some(all_in));
        writer.put(Metric::NETWORK_TRANSMIT, "", Some(all_out));
    }

    /// Metal warms up and cools down slowly, on top of what the room is like.
    fn sensors(&self, moment: &Moment, writer: &mut RowWriter) {
        let room = 22.0 + 2.0 * self.dice.of(27).drift(moment.seconds, 7_200.0);
        let mut hottest = f64::NEG_INFINITY;
        for (place, name) in self.machine.model.sensors.iter().enumerate() {
            let dice = self.dice.of(5_000 + place as u64);
            let (idle, rise) = if place == 0 { (14.0, 38.0) } else { (16.0, 18.0) };
            let spread = dice.of(0).between(-3.0, 3.0);
            let celsius =
                room + idle + spread + rise * moment.over_a_minute + 0.4 * dice.of(1).jitter(moment.seconds);
            writer.put(Metric::TEMPERATURE, name, Some(celsius));
            hottest = hottest.max(celsius);
        }
        if hottest.is_finite() {
            writer.put(Metric::TEMPERATURE, "", Some(hottest));
        }
    }

    fn processes(&self, moment: &Moment, writer: &mut RowWriter) {
        let cores = f64::from(self.machine.core_count);
        let noisy =
            |stream: u64, value: f64| value * (1.0 + 0.15 * self.dice.of(stream).jitter(moment.seconds));
        let running = 1.0 + noisy(28, cores * moment.effort);
        writer.put(Metric::PROCESSES_RUNNING, "", Some(running.floor()));
        writer.put(Metric::PROCESSES_BLOCKED, "", Some((moment.iowait * cores).round()));
        writer.put(Metric::PROCESSES_CREATED, "", Some(noisy(29, 2.0 + 20.0 * moment.effort)));
        writer.put(Metric::CONTEXT_SWITCHES, "", Some(noisy(30, cores * (400.0 + 6_000.0 * moment.effort))));
        writer.put(Metric::INTERRUPTS, "", Some(noisy(31, cores * (250.0 + 3_000.0 * moment.effort))));
    }
}
