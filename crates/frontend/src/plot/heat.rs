//! Heat strips and maps: levels to pixels, one a cell.

use super::Ramp;

/// Writes one RGBA pixel a level into `out` (cleared first), ready for `ImageData`: draw it enlarged
/// with `imageSmoothingEnabled = false`. Cells without a reading are transparent, so the hatching
/// behind shows.
pub fn rasterise(levels: &[u8], ramp: &Ramp, out: &mut Vec<u8>) {
    out.clear();
    out.extend(levels.iter().flat_map(|level| ramp.rgba(*level)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::Theme;

    #[test]
    fn a_cell_is_a_pixel_and_no_reading_is_transparent() {
        let mut out = vec![1, 2, 3];
        rasterise(&[0, 255, 254], &Ramp::cividis(Theme::Dark), &mut out);
        assert_eq!(out, [0x10, 0x36, 0x6c, 255, 0, 0, 0, 0, 0xfd, 0xea, 0x45, 255]);
    }
}
