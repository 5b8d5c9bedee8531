use std::collections::BTreeSet;

use cpumonitor_common::layout::Layout;
use cpumonitor_common::{Code, Metric, RowWriter, Unit};
use proptest::prelude::*;

use super::*;

/// 2026-11-22T12:00:00Z.
const NOON: i64 = 1_795_348_800_000;

fn sample(host: &Host, weather: &Weather, at_ms: i64) -> (Layout, Vec<Code>) {
    let mut writer = RowWriter::default();
    host.sample(weather, Timestamp::from_ms(at_ms), &mut writer);
    let (layout, _, codes) = writer.finish();
    (layout.clone(), codes.to_vec())
}

fn whole(sample: &(Layout, Vec<Code>), metric: Metric) -> Option<f64> {
    metric.decode(sample.1[sample.0.whole(metric)?])
}

#[test]
fn a_small_cloud_host_reports_about_35_series() {
    let host = (0..100).map(|index| Host::new(1, index)).find(|host| host.machine.core_count == 4).unwrap();
    let width = sample(&host, &Weather::new(1), NOON).1.len();
    assert!((33..=38).contains(&width), "{width}");
}

#[test]
fn a_restarted_swarm_has_the_same_hosts() {
    let now = Timestamp::from_ms(NOON);
    let facts = |seed| (0..500).map(|index| Host::new(seed, index).info(now)).collect::<Vec<_>>();
    assert_eq!(facts(1), facts(1));
    let ids: BTreeSet<_> = facts(1).into_iter().chain(facts(2)).map(|info| info.id).collect();
    assert_eq!(ids.len(), 1_000, "ids of hosts and of seeds differ");
    assert!(facts(1).iter().all(|info| info.check().is_ok() && info.boot_at < now));
    assert_eq!(facts(1)[0].name, "web-001");
}

#[test]
fn the_layout_holds_still() {
    let (host, weather) = (Host::new(1, 5), Weather::new(1));
    let mut writer = RowWriter::default();
    for second in 0..600 {
        host.sample(&weather, Timestamp::from_ms(NOON + second * 1_000), &mut writer);
        let (layout, changed, _) = writer.finish();
        assert_eq!(changed, second == 0);
        assert_eq!(layout.check(), Ok(()));
    }
}

#[test]
fn hosts_of_a_role_and_zone_rise_and_fall_together() {
    let weather = Weather::new(1);
    let webs: Vec<Host> = (0..200)
        .map(|index| Host::new(1, index))
        .filter(|host| host.role == Role::Web && host.zone == 0)
        .take(20)
        .collect();
    let curve = |hosts: &[Host]| -> Vec<f64> {
        let mean = |second: i64| {
            let cpu =
                |host: &Host| whole(&sample(host, &weather, NOON + second * 1_000), Metric::CPU).unwrap();
            hosts.iter().map(cpu).sum::<f64>() / hosts.len() as f64
        };
        (0..3_600).step_by(10).map(mean).collect()
    };
    let alike = correlation(&curve(&webs[..10]), &curve(&webs[10..]));
    assert!(alike > 0.7, "two halves of the same role correlate by {alike}");
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let covariance: f64 = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum();
    let spread = |x: &[f64], mean: f64| x.iter().map(|x| (x - mean).powi(2)).sum::<f64>().sqrt();
    covariance / (spread(a, mean_a) * spread(b, mean_b))
}

#[test]
fn a_threshold_divides_the_fleet() {
    let weather = Weather::new(1);
    let cpu: Vec<f64> = (0..1_000)
        .filter_map(|index| whole(&sample(&Host::new(1, index), &weather, NOON), Metric::CPU))
        .collect();
    let above = |limit: f64| cpu.iter().filter(|cpu| **cpu > limit).count();
    assert!((5..300).contains(&above(0.8)), "{} of 1000 are above 80 %", above(0.8));
    assert!(above(0.05) > 500, "{} of 1000 are above 5 %", above(0.05));
}

fn highest(unit: Unit) -> f64 {
    match unit {
        Unit::Ratio => 1.0,
        Unit::Celsius => 95.0,
        Unit::Bytes => 4e12,
        Unit::BytesPerSecond => 5e9,
        Unit::PerSecond => 1e6,
        Unit::Count => 200.0,
        Unit::Seconds => 91.0 * 86_400.0,
    }
}

proptest! {
    #[test]
    fn readings_repeat_and_are_physical(seed: u64, index in 0u32..20_000, at_ms in NOON..NOON + 86_400_000 * 365) {
        let (host, weather) = (Host::new(seed, index), Weather::new(seed));
        let readings = sample(&host, &weather, at_ms);
        prop_assert_eq!(&readings, &sample(&Host::new(seed, index), &Weather::new(seed), at_ms));

        for (series, code) in readings.0.series.iter().zip(&readings.1) {
            let value = series.metric.decode(*code);
            prop_assert!(value.is_some(), "{series} is absent");
            let (value, least) = (value.unwrap(), if series.metric == Metric::TEMPERATURE { 15.0 } else { 0.0 });
            prop_assert!((least..=highest(series.metric.unit())).contains(&value), "{series} = {value}");
        }
        prop_assert!(whole(&readings, Metric::UPTIME).unwrap() > 0.0);
    }

    #[test]
    fn parts_add_up(seed: u64, index in 0u32..2_000, at_ms in NOON..NOON + 86_400_000) {
        let readings = sample(&Host::new(seed, index), &Weather::new(seed), at_ms);
        let of = |metric| whole(&readings, metric).unwrap();
        let cores: Vec<f64> =
            readings.0.instances(Metric::CPU).filter_map(|(place, _)| Metric::CPU.decode(readings.1[place])).collect();
        // Each code is rounded to a per mille.
        let mean = cores.iter().sum::<f64>() / cores.len() as f64;
        prop_assert!((of(Metric::CPU) - mean).abs() < 0.0011);
        let modes = of(Metric::CPU_USER) + of(Metric::CPU_SYSTEM) + of(Metric::CPU_STEAL);
        prop_assert!((of(Metric::CPU) - modes).abs() < 0.0021);
        prop_assert!(of(Metric::CPU) + of(Metric::CPU_IOWAIT) <= 1.0011);
        let memory = of(Metric::MEMORY_USED) + of(Metric::MEMORY_AVAILABLE);
        let total = Host::new(seed, index).machine.memory_bytes as f64;
        prop_assert!((memory / total - 1.0).abs() < 0.001);
        prop_assert!((of(Metric::MEMORY) - of(Metric::MEMORY_USED) / total).abs() < 0.0011);
    }
}
