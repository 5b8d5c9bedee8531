//! Physical memory and swap space.

use cpumonitor_common::{Metric, RowWriter};

use super::text;

/// What `/proc/meminfo` says.
#[derive(Debug, Default)]
pub(super) struct Memory {
    known: bool,
    has_swap: bool,
    info: Option<Meminfo>,
}

/// The lines of `/proc/meminfo` we use, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meminfo {
    /// Physical memory the kernel manages.
    pub(super) total: u64,
    /// What a new process could get without swapping; at most `total`.
    pub(super) available: u64,
    /// Page cache and reclaimable slab.
    pub(super) cached: u64,
    /// Swap space; 0 when there is none.
    pub(super) swap_total: u64,
    /// Swap space not in use.
    pub(super) swap_free: u64,
}

impl Memory {
    /// Takes in `meminfo`, the content of `/proc/meminfo`.
    pub(super) fn read(&mut self, meminfo: Option<&[u8]>) {
        self.info = meminfo.and_then(Meminfo::parse);
        if let Some(info) = self.info {
            self.known = true;
            self.has_swap = info.swap_total > 0;
        }
    }

    /// Puts the readings in catalogue order; those of swap only where there is swap.
    pub(super) fn put(&self, row: &mut RowWriter) {
        if !self.known {
            return;
        }
        let used = |info: Meminfo| info.total.saturating_sub(info.available);
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        row.put(Metric::MEMORY, "", self.info.and_then(|info| share(used(info), info.total)));
        row.put(Metric::MEMORY_USED, "", self.info.map(|info| used(info) as f64));
        row.put(Metric::MEMORY_AVAILABLE, "", self.info.map(|info| info.available as f64));
        row.put(Metric::MEMORY_CACHED, "", self.info.map(|info| info.cached as f64));
        if self.has_swap {
            let used = |info: Meminfo| info.swap_total.saturating_sub(info.swap_free);
            row.put(Metric::SWAP, "", self.info.and_then(|info| share(used(info), info.swap_total)));
            row.put(Metric::SWAP_USED, "", self.info.map(|info| used(info) as f64));
        }
    }
}

impl Meminfo {
    /// Reads `/proc/meminfo`; `None` when it does not tell the total.
    pub(super) fn parse(meminfo: &[u8]) -> Option<Meminfo> {
        let mut info = Meminfo::default();
        let (mut available, mut free, mut buffers, mut cached, mut reclaimable) = (None, 0, 0, 0, 0);
        for line in text::lines(meminfo) {
            let mut fields = text::fields(line);
            let key = fields.next().unwrap_or_default();
            let Some(kib) = fields.next().and_then(text::number) else { continue };
            let bytes = kib.saturating_mul(1024);
            match key {
                b"MemTotal:" => info.total = bytes,
                b"MemAvailable:" => available = Some(bytes),
                b"MemFree:" => free = bytes,
                b"Buffers:" => buffers = bytes,
                b"Cached:" => cached = bytes,
                b"SReclaimable:" => reclaimable = bytes,
                b"SwapTotal:" => info.swap_total = bytes,
                b"SwapFree:" => info.swap_free = bytes,
                _ => {}
            }
        }
        info.cached = cached.saturating_add(reclaimable);
        // Kernels before 3.14 do not estimate it; what is free or cached comes near.
        let estimate = || free.saturating_add(buffers).saturating_add(info.cached);
        info.available = available.unwrap_or_else(estimate).min(info.total);
        (info.total > 0).then_some(info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_estimate_of_the_kernel_is_taken() {
        let info = Meminfo::parse(
            b"MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 600 kB\nBuffers: 2 kB\nCached: 30 kB\n\
              SwapCached: 9 kB\nSwapTotal: 100 kB\nSwapFree: 40 kB\nSReclaimable: 5 kB\n",
        );
        let kib = 1024;
        assert_eq!(
            info,
            Some(Meminfo {
                total: 1000 * kib,
                available: 600 * kib,
                cached: 35 * kib,
                swap_total: 100 * kib,
                swap_free: 40 * kib
            })
        );
    }

    #[test]
    fn old_kernels_are_estimated() {
        let info =
            Meminfo::parse(b"MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 2 kB\nCached: 30 kB\n").unwrap();
        assert_eq!(info.available, 42 * 1024);
    }

    #[test]
    fn without_a_total_there_is_nothing() {
        assert_eq!(Meminfo::parse(b"MemFree: 10 kB\n"), None);
        assert_eq!(Meminfo::parse(b""), None);
    }

    #[test]
    fn a_host_without_swap_has_no_swap_series() {
        let mut memory = Memory::default();
        memory.read(Some(b"MemTotal: 100 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"));
        let mut row = RowWriter::default();
        row.start();
        memory.put(&mut row);
        let (layout, ..) = row.finish();
        assert_eq!(layout.whole(Metric::SWAP), None);
        assert_eq!(layout.series.len(), 4);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(text in "((Mem|Swap)(Total|Free|Available): [0-9]{0,22} kB\n|.{0,9}\n){0,9}") {
            let mut memory = Memory::default();
            memory.read(Some(text.as_bytes()));
            memory.put(&mut RowWriter::default());
        }
    }
}
