//! Colours for levels: cividis, even in lightness for every kind of colour vision.

/// Which of the two palettes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

/// 256 colours: one a level, the last (no reading) transparent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ramp {
    rgba: [[u8; 4]; 256],
}

impl Ramp {
    /// Cividis from idle to hot, against the surface of `theme`.
    #[must_use]
    pub fn cividis(theme: Theme) -> Ramp {
        let _ = theme;
        Ramp { rgba: [[0; 4]; 256] }
    }

    /// The colour of `level` as red, green, blue, alpha.
    #[must_use]
    pub fn rgba(&self, level: u8) -> [u8; 4] {
        self.rgba[usize::from(level)]
    }

    /// The colour of `level` as CSS: `#10366c`, or `transparent`.
    #[must_use]
    pub fn css(&self, level: u8) -> String {
        let _ = level;
        String::new()
    }
}
