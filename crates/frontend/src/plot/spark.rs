//! Sparklines: levels to one rectangle a pixel column.

use super::Rect;
use crate::model::level::{FULL_LEVEL, NO_LEVEL};

/// How thick a level line is, in pixels.
const THICKNESS: f64 = 1.0;

/// The line through `levels` (0 to 254 bottom to top, 255 a gap) within `area`.
///
/// At most one rectangle a pixel column, spanning the smallest to the largest level in it, so that no
/// peak is lost, and reaching to where the column before ended, so that the line is unbroken; nothing
/// where there is a gap. Fill each rectangle; for the area below the line fill on from its bottom to
/// the bottom of `area`. `out` is cleared first.
pub fn line(levels: &[u8], area: Rect, out: &mut Vec<Rect>) {
    out.clear();
    if !area.is_drawable() {
        return;
    }
    let columns = levels.len().min(area.width as usize);
    let width = area.width / columns.max(1) as f64;
    let thickness = THICKNESS.min(area.height);
    let top = |level: u8| {
        let height = f64::from(level) / f64::from(FULL_LEVEL) * (area.height - thickness);
        area.y + area.height - thickness - height
    };
    let mut before = NO_LEVEL;
    for column in 0..columns {
        let points = &levels[column * levels.len() / columns..(column + 1) * levels.len() / columns];
        // A column that begins with a gap is not joined to the one before.
        let joined = if points[0] == NO_LEVEL { NO_LEVEL } else { before };
        before = points[points.len() - 1];
        let present = points.iter().chain([&joined]).filter(|level| **level != NO_LEVEL);
        let (Some(low), Some(high)) = (present.clone().min(), present.max()) else { continue };
        let x = area.x + column as f64 * width;
        out.push(Rect { x, y: top(*high), width, height: top(*low) + thickness - top(*high) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Left and right edge, and the levels the rectangle spans, in an area of 255 pixels height.
    #[track_caller]
    fn check(levels: &[u8], width: f64, expected: &[(f64, f64, u8, u8)]) {
        let mut out = vec![Rect::default()];
        line(levels, Rect { x: 10.0, y: 20.0, width, height: 255.0 }, &mut out);
        let spans: Vec<(f64, f64, u8, u8)> = out
            .iter()
            .map(|rect| {
                let low = 274.0 - (rect.y + rect.height - 1.0);
                (rect.x - 10.0, rect.x + rect.width - 10.0, low as u8, (274.0 - rect.y) as u8)
            })
            .collect();
        assert_eq!(spans, expected);
    }

    #[test]
    fn the_line_is_unbroken() {
        check(&[10, 30, 20], 3.0, &[(0.0, 1.0, 10, 10), (1.0, 2.0, 10, 30), (2.0, 3.0, 20, 30)]);
        check(&[254, 0], 4.0, &[(0.0, 2.0, 254, 254), (2.0, 4.0, 0, 254)]);
    }

    #[test]
    fn a_gap_is_nothing_and_breaks_it() {
        check(&[10, 255, 20, 30], 4.0, &[(0.0, 1.0, 10, 10), (2.0, 3.0, 20, 20), (3.0, 4.0, 20, 30)]);
        check(&[255, 255], 2.0, &[]);
        check(&[], 2.0, &[]);
    }

    #[test]
    fn many_points_in_a_column_leave_their_extremes() {
        check(&[10, 200, 5, 50, 60, 70], 2.0, &[(0.0, 1.0, 5, 200), (1.0, 2.0, 5, 70)]);
        check(&[10, 255, 20, 255, 30, 40], 2.0, &[(0.0, 1.0, 10, 20), (1.0, 2.0, 30, 40)]);
    }

    proptest! {
        #[test]
        fn it_never_leaves_its_box(
            levels in prop::collection::vec(any::<u8>(), 0..300),
            x in -500f64..500.0, y in -500f64..500.0, width in 0f64..400.0, height in 0f64..80.0,
        ) {
            let area = Rect { x, y, width, height };
            let mut out = Vec::new();
            line(&levels, area, &mut out);
            prop_assert!(out.len() <= width as usize);
            for rect in &out {
                prop_assert!(area.holds(*rect), "{:?} in {:?}", rect, area);
            }
            if levels.iter().all(|level| *level != NO_LEVEL) && width >= 1.0 && height > 0.0 {
                prop_assert_eq!(out.len(), levels.len().min(width as usize));
            }
        }

        #[test]
        fn no_area_at_all_is_survived(x: f64, y: f64, width: f64, height: f64) {
            line(&[1, 2, 3], Rect { x, y, width, height }, &mut Vec::new());
        }
    }
}
