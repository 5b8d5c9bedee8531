//! Colours for levels: cividis, even in lightness for every kind of colour vision.
//!
//! Nuñez, Anderton, Renslow, "Optimizing colormaps with consideration for color vision deficiency",
//! PLoS ONE 13(7), 2018.

use crate::model::level::{FULL_LEVEL, NO_LEVEL};

/// Which of the two palettes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

/// Idle to hot at even distances, the darkest eighth left out: it would vanish in the surface.
const DARK: [u32; 9] =
    [0x10366c, 0x364a6e, 0x595e6e, 0x757272, 0x8c8777, 0xa59e77, 0xc4b56d, 0xe7cf58, 0xfdea45];
/// The other way round, the lightest left out.
const LIGHT: [u32; 9] =
    [0xf1d850, 0xcfbd67, 0xaca376, 0x908b78, 0x787573, 0x5b5f6e, 0x364a6e, 0x0f356c, 0x002051];

/// 256 colours: one a level, the last (no reading) transparent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ramp {
    rgba: [[u8; 4]; 256],
}

impl Ramp {
    /// Cividis from idle to hot, against the surface of `theme`.
    #[must_use]
    pub fn cividis(theme: Theme) -> Ramp {
        let stops = match theme {
            Theme::Dark => DARK,
            Theme::Light => LIGHT,
        };
        let mut rgba = [[0; 4]; 256];
        for (level, colour) in (0..=FULL_LEVEL).zip(&mut rgba) {
            *colour = between(&stops, f64::from(level) / f64::from(FULL_LEVEL));
        }
        Ramp { rgba }
    }

    /// The colour of `level` as red, green, blue, alpha.
    #[must_use]
    pub fn rgba(&self, level: u8) -> [u8; 4] {
        self.rgba[usize::from(level)]
    }

    /// The colour of `level` as CSS: `#10366c`, or `transparent`.
    #[must_use]
    pub fn css(&self, level: u8) -> String {
        let [red, green, blue, _] = self.rgba(level);
        if level == NO_LEVEL { "transparent".into() } else { format!("#{red:02x}{green:02x}{blue:02x}") }
    }
}

/// The colour at `share` (0 to 1) of the way through evenly spaced stops.
fn between(stops: &[u32; 9], share: f64) -> [u8; 4] {
    let place = share * (stops.len() - 1) as f64;
    let below = (place as usize).min(stops.len() - 2);
    let part = place - below as f64;
    let channel = |shift: u32| {
        let [from, to] = [stops[below], stops[below + 1]].map(|stop| f64::from(stop >> shift & 0xFF));
        (from + (to - from) * part).round() as u8
    };
    [channel(16), channel(8), channel(0), 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_middle_are_the_stops() {
        let dark = Ramp::cividis(Theme::Dark);
        assert_eq!([dark.css(0), dark.css(127), dark.css(254)], ["#10366c", "#8c8777", "#fdea45"]);
        let light = Ramp::cividis(Theme::Light);
        assert_eq!([light.css(0), light.css(127), light.css(254)], ["#f1d850", "#787573", "#002051"]);
        assert_eq!((dark.css(NO_LEVEL), dark.rgba(NO_LEVEL)), ("transparent".into(), [0; 4]));
    }

    #[test]
    fn lightness_goes_one_way() {
        // Relative luminance without gamma is enough to order neighbours.
        let luminance = |ramp: &Ramp, level: u8| {
            let [red, green, blue, _] = ramp.rgba(level).map(f64::from);
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        for (theme, sign) in [(Theme::Dark, 1.0), (Theme::Light, -1.0)] {
            let ramp = Ramp::cividis(theme);
            for level in 0..FULL_LEVEL {
                let step = luminance(&ramp, level + 1) - luminance(&ramp, level);
                assert!(step * sign > -0.5, "{theme:?} at {level}");
            }
        }
    }
}
