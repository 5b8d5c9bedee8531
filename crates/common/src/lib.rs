//! The words, the wire and the filter of cpuMonitor, shared by agent, server and page.
//!
//! Nothing here does I/O, asks for the time or needs an async runtime, and everything compiles to
//! `wasm32-unknown-unknown`: the same bytes and the same expression give the same answer natively
//! and in the browser.
//!
//! # The words
//!
//! | word | meaning |
//! |---|---|
//! | **host** | a machine being watched; [`HostId`] is stable across restarts, [`HostInfo`] holds what does not change while it runs |
//! | **agent** | our process on a host |
//! | **viewer** | one browser connection |
//! | **sample** | all readings of one host at one instant |
//! | **metric** | a named quantity with a unit and an encoding: [`Metric`], listed in [`metric::CATALOGUE`] |
//! | **reading** | one number: metric, instance, value |
//! | **code** | a reading as `u16`, by the metric's [`Encoding`]: [`Code`] |
//! | **series** | one metric of one host (and instance, as in `disk.read[sda]`) over time: [`Series`] |
//! | **layout** | the ordered list of series a host reports now: [`Layout`] |
//! | **row** | one sample as codes in layout order, with sequence number and time: [`Row`] |
//! | **incarnation** | one life of an agent process; sequence numbers count its ticks from 0, missed ticks included |
//! | **gap** | an interval without readings; drawn as nothing, never as zero |
//! | **chunk** | rows packed as bytes, the unit of storage and of transport: [`Chunk`] |
//! | **rollup** | `{ min, max, sum, count }` over one step; merges associatively: [`Rollup`] |
//! | **fleet** | the live state of all hosts |
//! | **revision** | a counter that grows with every change to the fleet: [`Revision`]; an **epoch** names one server life |
//! | **cursor** | what a viewer has seen: [`Cursor`] |
//! | **subscription** | what a viewer wants: [`wire::Subscription`] |
//! | **delta** | changes after a cursor; from [`Revision::ZERO`] it is the snapshot |
//! | **message** | a typed value on the wire; a **frame** is its bytes |
//! | **session** | the task that owns one socket |
//! | **link** | the client end of a socket, with reconnection |

pub mod backoff;
mod bounded;
pub mod chunk;
pub mod code;
pub mod filter;
pub mod host;
pub mod layout;
pub mod metric;
pub mod rollup;
pub mod row;
pub mod time;
pub mod wire;

pub use backoff::Backoff;
pub use chunk::Chunk;
pub use code::{Code, Encoding};
pub use filter::{Filter, FilterError, Subject};
pub use host::{HostId, HostInfo, HostStatus, Incarnation, Tag};
pub use layout::{Layout, LayoutId, Series};
pub use metric::{Metric, MetricDef, Unit};
pub use rollup::Rollup;
pub use row::{Row, RowWriter, Rows};
pub use time::Timestamp;
pub use wire::{Cursor, Epoch, Revision};
