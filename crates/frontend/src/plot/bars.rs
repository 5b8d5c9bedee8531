//! The bars of a histogram.

use super::Rect;

/// One rectangle a bin from left to right within `area`, standing on its bottom; empty bins have height
/// 0.
///
/// Heights grow with the square root, and any host at all is a pixel high, so that seven hot hosts are
/// seen beside two hundred idle ones. `out` is cleared first.
pub fn bars(bins: &[u32], area: Rect, out: &mut Vec<Rect>) {
    out.clear();
    let most = bins.iter().copied().max().unwrap_or(0);
    if !area.is_drawable() {
        return;
    }
    let width = area.width / bins.len() as f64;
    out.extend(bins.iter().enumerate().map(|(nth, hosts)| {
        let share = (f64::from(*hosts) / f64::from(most.max(1))).sqrt();
        let least = if *hosts > 0 { area.height.min(1.0) } else { 0.0 };
        let height = (share * area.height).max(least);
        Rect { x: area.x + nth as f64 * width, y: area.y + area.height - height, width, height }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AREA: Rect = Rect { x: 10.0, y: 20.0, width: 40.0, height: 20.0 };

    fn heights(bins: &[u32]) -> Vec<f64> {
        let mut out = vec![Rect::default()];
        bars(bins, AREA, &mut out);
        out.iter().map(|rect| rect.height).collect()
    }

    #[test]
    fn the_fullest_bin_is_as_high_as_the_area_and_a_single_host_is_seen() {
        assert_eq!(heights(&[400, 100, 0, 1]), [20.0, 10.0, 0.0, 1.0]);
        assert_eq!(heights(&[1_000_000, 1]), [20.0, 1.0]);
        assert_eq!(heights(&[0, 0]), [0.0, 0.0]);
        assert_eq!(heights(&[]), [] as [f64; 0]);
    }

    proptest! {
        #[test]
        fn they_never_leave_their_box(
            bins in prop::collection::vec(any::<u32>(), 0..70), width in 0f64..400.0, height in 0f64..60.0,
        ) {
            let area = Rect { width, height, ..AREA };
            let mut out = Vec::new();
            bars(&bins, area, &mut out);
            for rect in &out {
                prop_assert!(area.holds(*rect), "{:?} in {:?}", rect, area);
            }
            if width > 0.0 && height > 0.0 {
                prop_assert_eq!(out.len(), bins.len());
            }
        }
    }
}
