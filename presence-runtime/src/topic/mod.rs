//! Who is present: the pure core. No async, no lock, no clock, no socket, no logging: time comes
//! in as a [`Time`], changes come out as values.
//!
//! A [`Topic`] is a map from sessions to entries in which every change takes the next sequence
//! number. Members speak through [`Topic::heartbeat`] and [`Topic::leave`]; their transports
//! through [`Topic::disconnect`] and the bound streams; time through [`Topic::advance`]. There is
//! one read operation, [`Topic::part`]: what a [`Reader`] does not know yet. Who has to see every
//! single change instead listens to its [`Event`]s, and what became of members and how is told by
//! [`Transition`]s.

mod announcing;
mod deadlines;
mod departure;
mod elsewhere;
mod ending;
mod entries;
mod entry;
mod event;
mod heartbeat;
mod lease;
mod leaving;
mod member;
mod news;
mod pace;
mod part;
mod position;
mod remembered;
mod said;
mod session;
mod time;
#[expect(
    clippy::module_inception,
    reason = "the room is named after the noun that it is about"
)]
mod topic;
mod transition;

#[cfg(test)]
pub(crate) mod tests;

pub use deadlines::Deadlines;
pub use departure::{Departure, Reason};
pub use elsewhere::{Elsewhere, Taken};
#[cfg(feature = "server")]
pub(crate) use ending::KICK;
pub use entry::{Activity, Entry};
pub use event::{Event, Seen};
pub use heartbeat::{Ack, Change, Heartbeat, Leave, Left, MIN_TTL, Refusal};
pub use lease::{HIDDEN_TTL, Lease};
pub use member::{Actor, ConnectionId, InvalidMember, Member, User};
pub use news::News;
pub use pace::{Pace, Rate};
pub use part::{Part, Told};
pub use position::{Position, Reader};
pub use said::Said;
pub use session::{InvalidKey, Session, SessionId, SessionKey};
pub use time::Time;
pub use topic::{Counts, Topic};
pub use transition::{Cause, Loss, Transition, What};
