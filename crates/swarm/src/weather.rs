//! What all hosts of a role feel at the same time: the day, the rush, the job queue.

use crate::dice::{Dice, Episodes};
use crate::role::Role;

/// How many zones a fleet is spread over.
pub const ZONES: u32 = 3;

const DAY: f64 = 86_400.0;

/// Visitors come in waves: about every four minutes, for half a minute to two.
const RUSHES: Episodes = Episodes { slot: 240.0, chance: 0.7, shortest: 30.0, longest: 120.0 };
/// A report or a vacuum runs over all databases, two or three times an hour.
const MAINTENANCE: Episodes = Episodes { slot: 1_500.0, chance: 0.6, shortest: 60.0, longest: 300.0 };
/// The job queue fills up every half hour or so.
const CAMPAIGNS: Episodes = Episodes { slot: 2_400.0, chance: 0.6, shortest: 300.0, longest: 1_200.0 };

/// The shared part of every reading. Pure: seed and time in, demand out.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    traffic: Dice,
    zones: Dice,
    rush: Dice,
    maintenance: Dice,
    campaign: Dice,
}

impl Weather {
    /// The weather of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Weather {
        let dice = Dice::new(seed).of(0x7765_6174);
        Weather {
            traffic: dice.of(0),
            zones: dice.of(1),
            rush: dice.of(2),
            maintenance: dice.of(3),
            campaign: dice.of(4),
        }
    }

    /// How much is asked of hosts of `role` in `zone`, 0 to 1, at `seconds` since the Unix epoch.
    #[must_use]
    pub fn demand(&self, role: Role, zone: u32, seconds: f64) -> f64 {
        let demand = match role {
            Role::Web => self.traffic(zone, seconds),
            Role::Cache => 0.08 + 0.45 * self.traffic(zone, seconds - 1.0),
            Role::Db => {
                let report = self.maintenance.episode(seconds, MAINTENANCE).map_or(0.0, |e| e.plateau(8.0));
                0.06 + 0.55 * self.traffic(zone, seconds - 3.0) + 0.3 * report
            }
            Role::Batch => {
                self.campaign.episode(seconds, CAMPAIGNS).map_or(0.3, |e| 0.3 + 0.7 * e.plateau(20.0))
            }
        };
        demand.clamp(0.0, 1.0)
    }

    /// Requests under way, as a share of what the fleet was built for.
    fn traffic(&self, zone: u32, seconds: f64) -> f64 {
        let balance = 1.0 + 0.25 * self.zones.of(u64::from(zone)).drift(seconds, 600.0);
        let rush =
            self.rush.episode(seconds, RUSHES).map_or(0.0, |e| e.dice.between(0.15, 0.45) * e.surge(6.0));
        (0.08 + 0.4 * day(seconds) + 0.08 * self.traffic.drift(seconds, 90.0) + rush) * balance
    }
}

/// How awake the visitors are, 0 to 1: least at 4 in the morning UTC, most in the evening.
fn day(seconds: f64) -> f64 {
    let turn = std::f64::consts::TAU * (seconds / DAY - 20.0 / 24.0);
    (0.5 + 0.45 * turn.cos() + 0.05 * (2.0 * turn).cos()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn evenings_are_busy_and_nights_are_quiet() {
        let weather = Weather::new(1);
        let mean_at = |hour: f64| {
            let days = (0..50).map(|day| (20_000.0 + f64::from(day)) * DAY + hour * 3_600.0);
            days.map(|at| weather.demand(Role::Web, 0, at)).sum::<f64>() / 50.0
        };
        assert!(mean_at(20.0) > mean_at(4.0) + 0.25, "{} {}", mean_at(20.0), mean_at(4.0));
    }

    #[test]
    fn databases_follow_the_web_a_few_seconds_late() {
        let weather = Weather::new(1);
        let quiet = |at: f64| weather.maintenance.episode(at, MAINTENANCE).is_none();
        let at = (0..10_000).map(f64::from).find(|at| quiet(*at)).unwrap();
        let web = weather.demand(Role::Web, 0, at - 3.0);
        assert!((weather.demand(Role::Db, 0, at) - (0.06 + 0.55 * web)).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn demand_is_a_share(seed: u64, zone in 0..ZONES, seconds in 0f64..4e9) {
            for role in [Role::Web, Role::Db, Role::Cache, Role::Batch] {
                let demand = Weather::new(seed).demand(role, zone, seconds);
                prop_assert!((0.0..=1.0).contains(&demand));
                prop_assert_eq!(demand, Weather::new(seed).demand(role, zone, seconds));
            }
        }
    }
}
