//! Temperatures: the sensors of `hwmon`, or the thermal zones where there are none.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cpumonitor_common::{Metric, RowWriter};

use super::kept_file::KeptFile;
use super::text;
use crate::clock::Moment;

/// How often sensors are read. They move slowly, and some cost a bus transfer or a command to a disk.
const PERIOD: Duration = Duration::from_secs(5);
/// How often new sensors are looked for.
const SEARCH: Duration = Duration::from_secs(60);

/// The sensors of the host.
#[derive(Debug)]
pub(super) struct Temperatures {
    hwmon: PathBuf,
    thermal: PathBuf,
    due: Option<Moment>,
    search_due: Option<Moment>,
    sensors: Vec<Sensor>,
}

#[derive(Debug)]
struct Sensor {
    name: String,
    input: PathBuf,
    file: KeptFile,
    celsius: Option<f64>,
    /// Whether it ever told a temperature: many chips list inputs that nothing is connected to.
    shown: bool,
}

impl Temperatures {
    /// The sensors below `sys`, that is `/sys`.
    pub(super) fn new(sys: &Path) -> Temperatures {
        Temperatures {
            hwmon: sys.join("class/hwmon"),
            thermal: sys.join("class/thermal"),
            due: None,
            search_due: None,
            sensors: Vec::new(),
        }
    }

    /// Reads the sensors when the last time is five seconds ago.
    pub(super) fn read(&mut self, now: Moment, buffer: &mut Vec<u8>) {
        if self.search_due.is_none_or(|due| now >= due) {
            self.search_due = Some(now.plus(SEARCH));
            self.search();
        }
        if self.due.is_some_and(|due| now < due) {
            return;
        }
        self.due = Some(now.plus(PERIOD));
        for sensor in &mut self.sensors {
            sensor.celsius = sensor.file.read(now, buffer).and_then(celsius);
            sensor.shown |= sensor.celsius.is_some();
        }
    }

    /// Puts the readings.
    pub(super) fn put(&self, row: &mut RowWriter) {
        let shown = || self.sensors.iter().filter(|sensor| sensor.shown);
        if shown().next().is_none() {
            return;
        }
        row.put(Metric::TEMPERATURE, "", shown().filter_map(|sensor| sensor.celsius).reduce(f64::max));
        for sensor in shown() {
            row.put(Metric::TEMPERATURE, &sensor.name, sensor.celsius);
        }
    }

    /// Lists the sensors anew, and begins anew when they are not the same any more.
    fn search(&mut self) {
        let mut found = hwmon_sensors(&self.hwmon);
        if found.is_empty() {
            found = thermal_zones(&self.thermal);
        }
        // Numbers of chips change from boot to boot; names do not.
        found.sort();
        let same = found.len() == self.sensors.len()
            && found.iter().zip(&self.sensors).all(|((_, input), known)| *input == known.input);
        if !same {
            self.due = None;
            self.sensors = named_apart(found);
        }
    }
}

/// Sensors of the same name, as those of two equal disks, are numbered: `nvme Composite`,
/// `nvme Composite 2`.
fn named_apart(found: Vec<(String, PathBuf)>) -> Vec<Sensor> {
    let mut sensors: Vec<Sensor> = Vec::with_capacity(found.len());
    let mut before: (String, usize) = (String::new(), 0);
    for (name, input) in found {
        before = if name == before.0 { (name, before.1 + 1) } else { (name, 1) };
        let name = if before.1 == 1 { before.0.clone() } else { format!("{} {}", before.0, before.1) };
        sensors.push(Sensor { name, file: KeptFile::new(input.clone()), input, celsius: None, shown: false });
    }
    sensors
}

/// Name and input of every temperature of every chip, as in `coretemp Package id 0`.
fn hwmon_sensors(hwmon: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for chip in entries(hwmon) {
        let chip_name = read_name(&chip.join("name"));
        for input in entries(&chip) {
            let file = input.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(sensor) = file.strip_suffix("_input").filter(|sensor| sensor.starts_with("temp")) else {
                continue;
            };
            let label = read_name(&chip.join(format!("{sensor}_label")));
            let label = if label.is_empty() { sensor.to_owned() } else { label };
            found.push((text::name(format!("{chip_name} {label}").as_bytes()), input));
        }
    }
    found
}

/// Name and input of every thermal zone, as in `x86_pkg_temp`.
fn thermal_zones(thermal: &Path) -> Vec<(String, PathBuf)> {
    let zones = entries(thermal).into_iter().filter(|path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("thermal_zone"))
    });
    zones.map(|zone| (read_name(&zone.join("type")), zone.join("temp"))).collect()
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).map(|list| list.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

fn read_name(path: &Path) -> String {
    fs::read(path).map(|content| text::name(text::first_line(&content))).unwrap_or_default()
}

/// The kernel writes thousandths of a degree. What no silicon survives is a sensor that is not connected.
fn celsius(content: &[u8]) -> Option<f64> {
    let line = text::first_line(content);
    let (sign, digits) = match line.strip_prefix(b"-") {
        Some(digits) => (-1.0, digits),
        None => (1.0, line),
    };
    let celsius = sign * text::number(digits)? as f64 / 1000.0;
    (-100.0..=200.0).contains(&celsius).then_some(celsius)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, files: &[(&str, &str)]) {
        for (path, content) in files {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[(&str, Option<f64>)]) {
        let sys = tempfile::tempdir().unwrap();
        write(sys.path(), files);
        let mut temperatures = Temperatures::new(sys.path());
        temperatures.read(Moment::after_start(Duration::ZERO), &mut Vec::new());
        let seen: Vec<_> =
            temperatures.sensors.iter().map(|sensor| (sensor.name.as_str(), sensor.celsius)).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn sensors_are_named_by_chip_and_label() {
        check(
            &[
                ("class/hwmon/hwmon0/name", "coretemp\n"),
                ("class/hwmon/hwmon0/temp1_input", "45000\n"),
                ("class/hwmon/hwmon0/temp1_label", "Package id 0\n"),
                ("class/hwmon/hwmon0/temp2_input", "-3500\n"),
                ("class/hwmon/hwmon0/fan1_input", "900\n"),
                ("class/thermal/thermal_zone0/type", "x86_pkg_temp\n"),
                ("class/thermal/thermal_zone0/temp", "45000\n"),
            ],
            &[("coretemp Package id 0", Some(45.0)), ("coretemp temp2", Some(-3.5))],
        );
    }

    #[test]
    fn equal_disks_are_told_apart() {
        check(
            &[
                ("class/hwmon/hwmon1/name", "nvme\n"),
                ("class/hwmon/hwmon1/temp1_input", "40000\n"),
                ("class/hwmon/hwmon2/name", "nvme\n"),
                ("class/hwmon/hwmon2/temp1_input", "41000\n"),
            ],
            &[("nvme temp1", Some(40.0)), ("nvme temp1 2", Some(41.0))],
        );
    }

    #[test]
    fn thermal_zones_are_the_second_choice() {
        check(
            &[
                ("class/thermal/thermal_zone0/type", "cpu-thermal\n"),
                ("class/thermal/thermal_zone0/temp", "51234\n"),
                ("class/thermal/cooling_device0/type", "fan\n"),
            ],
            &[("cpu-thermal", Some(51.234))],
        );
    }

    #[test]
    fn what_is_not_connected_has_no_temperature() {
        for content in ["", "-273000\n", "65261850\n", "hot\n", "--1\n"] {
            assert_eq!(celsius(content.as_bytes()), None, "{content}");
        }
        assert_eq!(celsius(b"0\n"), Some(0.0));
    }

    #[test]
    fn a_host_without_sensors_has_no_series() {
        check(&[], &[]);
    }
}
