//! Chance without memory: the same seed and the same question always give the same answer.

/// Seeded dice. Asking does not change them, so readings depend on nothing but seed, host and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dice(u64);

impl Dice {
    /// The dice of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Dice {
        Dice(mix(seed))
    }

    /// Other dice, unrelated for every `what`.
    #[must_use]
    pub const fn of(self, what: u64) -> Dice {
        Dice(mix(self.0 ^ mix(what)))
    }

    /// 64 random bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// From 0 up to, but not including, 1.
    #[must_use]
    pub fn unit(self) -> f64 {
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From `low` up to `high`.
    #[must_use]
    pub fn between(self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// One of `choices`, each as likely as the others.
    #[must_use]
    pub fn pick<T: Copy, const N: usize>(self, choices: [T; N]) -> T {
        const { assert!(N > 0, "there is something to pick from") };
        choices[(self.0 % N as u64) as usize]
    }

    /// Fresh noise from -1 to 1 for every whole second.
    #[must_use]
    pub fn jitter(self, seconds: f64) -> f64 {
        self.of(seconds.floor() as i64 as u64).between(-1.0, 1.0)
    }

    /// Smooth noise from -1 to 1: a new random height every `period` seconds, and a soft way between.
    #[must_use]
    pub fn drift(self, seconds: f64, period: f64) -> f64 {
        let steps = seconds / period;
        let knot = steps.floor();
        let way = steps - knot;
        let height = |knot: f64| self.of(knot as i64 as u64).between(-1.0, 1.0);
        let (from, to) = (height(knot), height(knot + 1.0));
        from + (to - from) * way * way * (3.0 - 2.0 * way)
    }

    /// The episode that is under way at `seconds`, if any.
    #[must_use]
    pub fn episode(self, seconds: f64, kind: Episodes) -> Option<Episode> {
        let slot = (seconds / kind.slot).floor();
        // An episode that began late in the slot before may still run.
        [slot, slot - 1.0].into_iter().find_map(|slot| {
            let dice = self.of(slot as i64 as u64);
            if dice.of(0).unit() >= kind.chance {
                return None;
            }
            let length = dice.of(1).between(kind.shortest, kind.longest);
            let elapsed = seconds - (slot + dice.of(2).unit()) * kind.slot;
            (0.0..length).contains(&elapsed).then(|| Episode { elapsed, length, dice: dice.of(3) })
        })
    }
}

/// How often something happens and how long it lasts: at most one a slot, no longer than a slot.
#[derive(Clone, Copy, Debug)]
pub struct Episodes {
    /// Seconds a slot.
    pub slot: f64,
    /// How likely a slot has one, 0 to 1.
    pub chance: f64,
    /// Seconds the shortest one lasts.
    pub shortest: f64,
    /// Seconds the longest one lasts.
    pub longest: f64,
}

/// Something that is happening now.
#[derive(Clone, Copy, Debug)]
pub struct Episode {
    /// Seconds since it began.
    pub elapsed: f64,
    /// Seconds it lasts.
    pub length: f64,
    /// Dice of its own, for how strong it is.
    pub dice: Dice,
}

impl Episode {
    /// From 0 to 1: up within `rise` seconds, then down again until the end, fast at first.
    #[must_use]
    pub fn surge(self, rise: f64) -> f64 {
        if self.elapsed < rise {
            return self.elapsed / rise;
        }
        let left = ((self.length - self.elapsed) / (self.length - rise).max(1.0)).clamp(0.0, 1.0);
        left * left
    }

    /// From 0 to 1: up within `edge` seconds, level, and down in the last `edge` seconds.
    #[must_use]
    pub fn plateau(self, edge: f64) -> f64 {
        (self.elapsed / edge).min((self.length - self.elapsed) / edge).clamp(0.0, 1.0)
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the result depends on every
/// bit of `n`.
const fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_question_gets_the_same_answer() {
        // SplitMix64 from the state 0 begins with this number, so the dice are the published ones.
        assert_eq!(Dice::new(0).bits(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(Dice::new(7).of(3).bits(), Dice::new(7).of(3).bits());
        assert_ne!(Dice::new(7).of(3).bits(), Dice::new(7).of(4).bits());
        assert_ne!(Dice::new(7).of(3).bits(), Dice::new(8).of(3).bits());
    }

    #[test]
    fn the_dice_are_fair() {
        let throws =
            |pick: fn(Dice) -> f64| (0..10_000).map(|n| pick(Dice::new(1).of(n))).sum::<f64>() / 10_000.0;
        assert!((throws(Dice::unit) - 0.5).abs() < 0.02);
        assert!((throws(|dice| f64::from(dice.pick([0u8, 1, 2]))) - 1.0).abs() < 0.04);
    }

    #[test]
    fn episodes_come_as_often_as_they_should() {
        let kind = Episodes { slot: 100.0, chance: 0.5, shortest: 20.0, longest: 20.0 };
        let running = (0..100_000).filter(|n| Dice::new(3).episode(f64::from(*n), kind).is_some()).count();
        // Half the slots have one, and it takes a fifth of a slot.
        assert!((8_500..11_500).contains(&running), "{running}");
    }

    proptest! {
        #[test]
        fn drift_is_smooth_and_bounded(seed: u64, seconds in -1e9f64..1e10, period in 1f64..1e5) {
            let dice = Dice::new(seed);
            let here = dice.drift(seconds, period);
            prop_assert!((-1.0..=1.0).contains(&here));
            // The steepest part of the way climbs at most 1.5 times the largest rise of 2.
            prop_assert!((dice.drift(seconds + period / 100.0, period) - here).abs() < 0.031);
        }

        #[test]
        fn an_episode_has_a_soft_beginning_and_end(seed: u64, seconds in 0f64..1e7) {
            let kind = Episodes { slot: 60.0, chance: 1.0, shortest: 30.0, longest: 60.0 };
            if let Some(episode) = Dice::new(seed).episode(seconds, kind) {
                prop_assert!((0.0..episode.length).contains(&episode.elapsed));
                for height in [episode.surge(5.0), episode.plateau(5.0)] {
                    prop_assert!((0.0..=1.0).contains(&height));
                }
            }
        }
    }
}
