//! How far a viewer has come.

use serde::{Deserialize, Serialize};

/// Names one life of a server: a random number drawn at its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

/// Counts the changes of a fleet within an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// Before the first change: what a viewer that has seen nothing has seen.
    pub const ZERO: Revision = Revision(0);
}

/// What a viewer has seen: every change of `epoch` up to and including `revision`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// The server life the revision belongs to.
    pub epoch: Epoch,
    /// The last change seen.
    pub revision: Revision,
}

impl Cursor {
    /// Has seen nothing; answered with the snapshot.
    pub const START: Cursor = Cursor { epoch: Epoch(0), revision: Revision::ZERO };
}
