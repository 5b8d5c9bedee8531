//! What does not change while a host runs.

use std::fs;
use std::path::Path;

use cpumonitor_common::{HostId, HostInfo, Tag, Timestamp};

use super::memory::Meminfo;
use super::{Roots, text};
use crate::collect::fact;

/// The facts of the host whose files are in `roots`.
pub(super) fn host_info(roots: &Roots, id: HostId, name: Option<&str>, tags: &[Tag]) -> HostInfo {
    let read = |path: &Path| fs::read(path).unwrap_or_default();
    let first_line = |path: &Path| fact(&String::from_utf8_lossy(text::first_line(&read(path))));
    let stat = read(&roots.proc.join("stat"));
    let memory = Meminfo::parse(&read(&roots.proc.join("meminfo"))).unwrap_or_default();
    let host_name = || first_line(&roots.proc.join("sys/kernel/hostname"));
    HostInfo {
        id,
        name: name.map_or_else(host_name, fact),
        os: os_name(&read(&roots.etc.join("os-release"))),
        kernel: first_line(&roots.proc.join("sys/kernel/osrelease")),
        arch: std::env::consts::ARCH.to_owned(),
        cpu_model: cpu_model(&read(&roots.proc.join("cpuinfo"))),
        core_count: core_count(&stat),
        memory_bytes: memory.total,
        swap_bytes: memory.swap_total,
        boot_at: boot_at(&stat),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        tags: tags.to_vec(),
    }
}

/// `PRETTY_NAME` of `/etc/os-release`, without its quotes.
fn os_name(os_release: &[u8]) -> String {
    let line = text::lines(os_release).find_map(|line| line.strip_prefix(b"PRETTY_NAME="));
    let value = line.unwrap_or(b"Linux").trim_ascii();
    let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    fact(&String::from_utf8_lossy(value))
}

/// The processor's name: `model name` on x86, `Model` or `Hardware` on ARM boards, `cpu` on POWER.
fn cpu_model(cpuinfo: &[u8]) -> String {
    let value = |wanted: &[u8]| {
        text::lines(cpuinfo).find_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (key, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
            (key == wanted && !value.is_empty()).then_some(value)
        })
    };
    let keys: [&[u8]; 5] = [b"model name", b"Model", b"Hardware", b"cpu model", b"cpu"];
    let model = keys.into_iter().find_map(value).unwrap_or_default();
    fact(&String::from_utf8_lossy(model))
}

/// The cores online, each of which has a line in `/proc/stat`.
fn core_count(stat: &[u8]) -> u32 {
    let is_core = |line: &&[u8]| {
        line.strip_prefix(b"cpu").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
    };
    u32::try_from(text::lines(stat).filter(is_core).count()).unwrap_or(u32::MAX)
}

/// Line `btime` of `/proc/stat`, in seconds since the Unix epoch.
fn boot_at(stat: &[u8]) -> Timestamp {
    let seconds = text::lines(stat).find_map(|line| line.strip_prefix(b"btime ")).and_then(text::number);
    let ms = seconds.and_then(|seconds| i64::try_from(seconds.checked_mul(1000)?).ok());
    Timestamp::from_ms(ms.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn facts_are_found() {
        assert_eq!(
            os_name(b"ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"),
            "Debian GNU/Linux 12 (bookworm)"
        );
        assert_eq!(os_name(b""), "Linux");
        assert_eq!(cpu_model(b"processor\t: 0\nmodel\t\t: 2\nmodel name\t: AMD EPYC\n"), "AMD EPYC");
        assert_eq!(cpu_model(b"processor\t: 0\nModel\t: Raspberry Pi 4\n"), "Raspberry Pi 4");
        assert_eq!(core_count(b"cpu  1\ncpu0 1\ncpu1 1\nintr 1\n"), 2);
        assert_eq!(boot_at(b"cpu 1\nbtime 1700000000\n"), Timestamp::from_ms(1_700_000_000_000));
    }

    #[test]
    fn this_host_has_sound_facts() {
        let info = host_info(&Roots::default(), HostId(1), None, &[]);
        assert_eq!(info.check(), Ok(()));
        assert!(info.core_count > 0 && info.memory_bytes > 0);
        assert_ne!(info.boot_at, Timestamp::EPOCH);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (os_name(&text), cpu_model(&text), core_count(&text), boot_at(&text));
        }
    }
}
