//! Everywhere but on Linux: what sysinfo tells.
//!
//! It knows less than `/proc`: no CPU modes, no time a disk was busy, no page cache, no scheduler counters.
//! Those series are left out.

use std::collections::BTreeMap;
use std::time::Duration;

use cpumonitor_common::{HostId, HostInfo, Metric, RowWriter, Tag, Timestamp};
use sysinfo::{Components, DiskRefreshKind, Disks, Networks, System};

use super::rate::Rate;
use super::{clean, fact};
use crate::clock::Moment;

/// How often free space and temperatures are asked for; they move slowly.
const PERIOD: Duration = Duration::from_secs(10);
/// Longest instance name we give, in bytes; as on Linux.
const MAX_NAME_BYTES: usize = 96;

/// Reads this host through sysinfo. Rates need two readings, so the first sample has none.
#[derive(Debug, Default)]
pub struct Collector {
    system: Option<System>,
    disks: Option<Disks>,
    networks: Option<Networks>,
    components: Option<Components>,
    transfers: BTreeMap<(Metric, String), Rate>,
    cpu_primed: bool,
    due: Option<Moment>,
}

impl Collector {
    /// Reads this host. What sysinfo cannot open is left out.
    #[must_use]
    pub fn of_this_host() -> Collector {
        Collector {
            system: System::new().ok(),
            disks: Disks::new_with_refreshed_list().ok(),
            networks: Networks::new().ok(),
            components: Components::new().ok(),
            ..Collector::default()
        }
    }

    /// Takes one sample at `now` and puts its readings into `row`, which the caller has started.
    pub fn collect(&mut self, now: Moment, row: &mut RowWriter) {
        let slow = self.due.is_none_or(|due| now >= due);
        if slow {
            self.due = Some(now.plus(PERIOD));
        }
        self.system(row);
        self.disks(now, slow, row);
        self.networks(now, row);
        self.temperatures(slow, row);
        if let Ok(seconds) = System::uptime() {
            row.put(Metric::UPTIME, "", Some(seconds as f64));
        }
    }

    fn system(&mut self, row: &mut RowWriter) {
        let Some(system) = &mut self.system else { return };
        system.refresh_cpu_usage();
        system.refresh_memory();
        // The first answer of sysinfo is the average since the host started.
        let primed = std::mem::replace(&mut self.cpu_primed, true);
        let share = |percent: f32| primed.then(|| f64::from(percent) / 100.0);
        row.put(Metric::CPU, "", share(system.global_cpu_usage()));
        for (core, cpu) in system.cpus().iter().enumerate() {
            row.put(Metric::CPU, &core.to_string(), share(cpu.usage()));
        }
        if let Ok(load) = System::load_average() {
            row.put(Metric::LOAD_1, "", Some(load.one));
            row.put(Metric::LOAD_5, "", Some(load.five));
            row.put(Metric::LOAD_15, "", Some(load.fifteen));
        }
        let (total, available) = (system.total_memory(), system.available_memory());
        if total > 0 {
            let used = total.saturating_sub(available) as f64;
            row.put(Metric::MEMORY, "", Some(used / total as f64));
            row.put(Metric::MEMORY_USED, "", Some(used));
            row.put(Metric::MEMORY_AVAILABLE, "", Some(available as f64));
        }
        let (total, used) = (system.total_swap(), system.used_swap() as f64);
        if total > 0 {
            row.put(Metric::SWAP, "", Some(used / total as f64));
            row.put(Metric::SWAP_USED, "", Some(used));
        }
    }

    fn disks(&mut self, now: Moment, slow: bool, row: &mut RowWriter) {
        let Some(disks) = &mut self.disks else { return };
        let wanted = DiskRefreshKind::nothing().with_io_usage();
        disks.refresh_specifics(true, if slow { wanted.with_storage() } else { wanted });

        // Several file systems may be on one device, which then tells the same totals for each.
        let devices: BTreeMap<String, sysinfo::DiskUsage> =
            disks.iter().map(|disk| (name(&disk.name().to_string_lossy()), disk.usage())).collect();
        let totals = |of: fn(&sysinfo::DiskUsage) -> u64| {
            devices.iter().map(|(name, usage)| (name.clone(), of(usage))).collect::<Vec<_>>()
        };
        put_rates(&mut self.transfers, Metric::DISK_READ, now, &totals(|usage| usage.total_read_bytes), row);
        put_rates(
            &mut self.transfers,
            Metric::DISK_WRITE,
            now,
            &totals(|usage| usage.total_written_bytes),
            row,
        );

        let spaces: BTreeMap<String, (f64, f64)> = disks
            .iter()
            .filter(|disk| disk.total_space() > 0)
            .map(|disk| {
                let (total, available) = (disk.total_space(), disk.available_space());
                let used_ratio = total.saturating_sub(available) as f64 / total as f64;
                (name(&disk.mount_point().to_string_lossy()), (used_ratio, available as f64))
            })
            .collect();
        if spaces.is_empty() {
            return;
        }
        row.put(Metric::FILESYSTEM, "", spaces.values().map(|space| space.0).reduce(f64::max));
        for (point, (used_ratio, _)) in &spaces {
            row.put(Metric::FILESYSTEM, point, Some(*used_ratio));
        }
        row.put(Metric::FILESYSTEM_AVAILABLE, "", spaces.values().map(|space| space.1).reduce(f64::min));
        for (point, (_, available)) in &spaces {
            row.put(Metric::FILESYSTEM_AVAILABLE, point, Some(*available));
        }
    }

    fn networks(&mut self, now: Moment, row: &mut RowWriter) {
        let Some(networks) = &mut self.networks else { return };
        networks.refresh(true);
        let is_loopback = |name: &str| name == "lo" || name == "lo0" || name.contains("Loopback");
        let carried: BTreeMap<String, (u64, u64)> = networks
            .iter()
            .map(|(raw, data)| {
                (name(&raw.to_string_lossy()), data.total_received(), data.total_transmitted())
            })
            .filter(|(name, received, sent)| !is_loopback(name) && (*received > 0 || *sent > 0))
            .map(|(name, received, sent)| (name, (received, sent)))
            .collect();
        let received: Vec<_> = carried.iter().map(|(name, totals)| (name.clone(), totals.0)).collect();
        let sent: Vec<_> = carried.iter().map(|(name, totals)| (name.clone(), totals.1)).collect();
        put_rates(&mut self.transfers, Metric::NETWORK_RECEIVE, now, &received, row);
        put_rates(&mut self.transfers, Metric::NETWORK_TRANSMIT, now, &sent, row);
    }

    fn temperatures(&mut self, slow: bool, row: &mut RowWriter) {
        let Some(components) = &mut self.components else { return };
        if slow {
            components.refresh(true);
        }
        let sensors: BTreeMap<String, Option<f64>> = components
            .iter()
            .map(|sensor| {
                (name(sensor.label()), sensor.temperature().map(f64::from).filter(|c| c.is_finite()))
            })
            .collect();
        if sensors.is_empty() {
            return;
        }
        row.put(Metric::TEMPERATURE, "", sensors.values().copied().flatten().reduce(f64::max));
        for (sensor, celsius) in &sensors {
            row.put(Metric::TEMPERATURE, sensor, *celsius);
        }
    }
}

/// Puts the sum of the rates of `totals`, and each of them.
fn put_rates(
    rates: &mut BTreeMap<(Metric, String), Rate>,
    metric: Metric,
    now: Moment,
    totals: &[(String, u64)],
    row: &mut RowWriter,
) {
    rates.retain(|(of, name), _| *of != metric || totals.iter().any(|(known, _)| known == name));
    if totals.is_empty() {
        return;
    }
    let per_second: Vec<_> = totals
        .iter()
        .map(|(name, total)| rates.entry((metric, name.clone())).or_default().observe(now, *total))
        .collect();
    row.put(metric, "", per_second.iter().copied().flatten().reduce(|sum, rate| sum + rate));
    for ((name, _), rate) in totals.iter().zip(per_second) {
        row.put(metric, name, rate);
    }
}

fn name(raw: &str) -> String {
    clean(raw, MAX_NAME_BYTES)
}

/// The facts of this host, called `given`, or by its host name. Facts that sysinfo does not know are
/// empty or 0.
#[must_use]
pub fn host_info(id: HostId, given: Option<&str>, tags: &[Tag]) -> HostInfo {
    let mut system = System::new().ok();
    if let Some(system) = &mut system {
        system.refresh_cpu_usage();
        system.refresh_memory();
    }
    let system = system.as_ref();
    let boot_ms = System::boot_time().ok().and_then(|seconds| i64::try_from(seconds.checked_mul(1000)?).ok());
    let known = |text: Result<String, sysinfo::Error>| fact(&text.unwrap_or_default());
    HostInfo {
        id,
        name: given.map_or_else(|| known(System::host_name()), fact),
        os: known(System::long_os_version()),
        kernel: known(System::kernel_version()),
        arch: std::env::consts::ARCH.to_owned(),
        cpu_model: system.and_then(|s| s.cpus().first()).map(|cpu| fact(cpu.brand())).unwrap_or_default(),
        core_count: system.map_or(0, |s| u32::try_from(s.cpus().len()).unwrap_or(u32::MAX)),
        memory_bytes: system.map_or(0, System::total_memory),
        swap_bytes: system.map_or(0, System::total_swap),
        boot_at: Timestamp::from_ms(boot_ms.unwrap_or(0)),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        tags: tags.to_vec(),
    }
}
