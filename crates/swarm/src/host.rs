//! One virtual host: who it is, and how hard it works at any instant.

mod sample;

use cpumonitor_common::{HostId, HostInfo, Tag, Timestamp};

use crate::dice::{Dice, Episodes};
use crate::machine::Machine;
use crate::role::Role;
use crate::weather::{Weather, ZONES};

/// Something of the host's own: a deployment, a crawler, a colleague. A few times an hour.
const ERRANDS: Episodes = Episodes { slot: 900.0, chance: 0.5, shortest: 10.0, longest: 90.0 };
/// One thread spins: now and then, for minutes.
const SPINNING: Episodes = Episodes { slot: 3_600.0, chance: 0.25, shortest: 60.0, longest: 400.0 };
/// A job of a batch host.
const JOBS: Episodes = Episodes { slot: 300.0, chance: 1.0, shortest: 60.0, longest: 280.0 };

/// A virtual host. Pure: the same seed, index and instant always give the same readings, so it needs
/// no backlog: what was not delivered is simply asked for again.
#[derive(Clone, Debug)]
pub struct Host {
    index: u32,
    role: Role,
    number: u32,
    zone: u32,
    machine: Machine,
    dice: Dice,
    /// How much of the role's demand lands here, 1 being its fair share.
    share: f64,
    core_names: Vec<String>,
}

impl Host {
    /// The host at `index` of the fleet of `seed`.
    #[must_use]
    pub fn new(seed: u64, index: u32) -> Host {
        let dice = Dice::new(seed).of(0x686F_7374).of(u64::from(index));
        let (role, number) = Role::of(index);
        let machine = Machine::of(role, dice.of(0));
        Host {
            index,
            role,
            number,
            zone: (dice.of(1).bits() % u64::from(ZONES)) as u32,
            machine,
            dice,
            share: dice.of(2).between(0.75, 1.25),
            core_names: (0..machine.core_count).map(|core| core.to_string()).collect(),
        }
    }

    /// Names the host across restarts of the swarm.
    #[must_use]
    pub fn id(&self) -> HostId {
        HostId(u128::from(self.dice.of(3).bits()) << 64 | u128::from(self.dice.of(4).bits()))
    }

    /// As in `web-017`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{:03}", self.role.word(), self.number)
    }

    /// What it is for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Which part of the weather it stands in.
    #[must_use]
    pub fn zone(&self) -> u32 {
        self.zone
    }

    /// What it is made of.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// What an agent that starts at `now` would say of it.
    #[must_use]
    pub fn info(&self, now: Timestamp) -> HostInfo {
        let env = if self.index % 7 == 6 { "staging" } else { "prod" };
        let zone = ["eu-1a", "eu-1b", "eu-1c"][self.zone as usize % 3];
        let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
        HostInfo {
            id: self.id(),
            name: self.name(),
            os: self.machine.os.to_owned(),
            kernel: self.machine.kernel.to_owned(),
            arch: self.machine.model.arch.to_owned(),
            cpu_model: self.machine.model.cpu_model.to_owned(),
            core_count: self.machine.core_count,
            memory_bytes: self.machine.memory_bytes,
            swap_bytes: self.machine.swap_bytes,
            boot_at: self.boot_at(now),
            // Whoever looks shall see that these numbers are made up.
            agent_version: concat!(env!("CARGO_PKG_VERSION"), " (virtual)").to_owned(),
            tags: vec![tag("env", env), tag("role", self.role.word()), tag("zone", zone)],
        }
    }

    /// The last start of its kernel: it is restarted for updates every few weeks.
    fn boot_at(&self, now: Timestamp) -> Timestamp {
        let period = (self.dice.of(5).between(14.0, 90.0) * 86_400_000.0) as i64;
        let phase = (self.dice.of(6).unit() * period as f64) as i64;
        Timestamp::from_ms((now.as_ms() - phase).div_euclid(period) * period + phase)
    }

    /// How hard it works at `seconds` since the Unix epoch, 0 to 1, without the noise of the second.
    fn effort(&self, weather: &Weather, seconds: f64) -> f64 {
        let demand = weather.demand(self.role, self.zone, seconds);
        let errand = self.dice.of(7).episode(seconds, ERRANDS);
        let errand = errand.map_or(0.0, |e| e.dice.between(0.15, 0.6) * e.plateau(3.0));
        let mood = 0.04 * self.dice.of(8).drift(seconds, 40.0);
        let effort = match self.role {
            Role::Batch => self.jobs(demand, seconds),
            Role::Web | Role::Db | Role::Cache => demand * self.share,
        };
        (effort + errand + mood).clamp(0.01, 0.97)
    }

    /// A batch host takes a job if the queue is long enough for it to get one; then it gives all.
    fn jobs(&self, queue: f64, seconds: f64) -> f64 {
        let dice = self.dice.of(9);
        match dice.episode(seconds, JOBS) {
            Some(job) if job.dice.of(0).unit() < queue => {
                job.dice.of(1).between(0.75, 0.98) * job.plateau(4.0)
            }
            _ => 0.03,
        }
    }
}

#[cfg(test)]
mod tests;
