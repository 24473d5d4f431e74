//! What fuzzers do with their input. Each function is a target: it takes any bytes and panics when
//! something about them is not as it has to be, which is more than not to panic.
//!
//! The fuzzers themselves are in `fuzz/`, a workspace of its own; the tests here replay their corpus.

mod addresses;
mod events;
mod faults;
mod frames;
mod messages;
mod names;
mod queries;
mod requests;
mod sse;
mod tokens;
mod values;

pub use addresses::addresses;
pub use events::events;
pub use frames::frames;
pub use messages::messages;
pub use names::names;
pub use queries::queries;
pub use requests::requests;
pub use tokens::tokens;
pub use values::values;

/// A target: its name and what it does with its input.
pub type Target = (&'static str, fn(&[u8]));

/// All of them, by the names of their corpora.
pub const TARGETS: [Target; 9] = [
    ("addresses", addresses),
    ("events", events),
    ("frames", frames),
    ("messages", messages),
    ("names", names),
    ("queries", queries),
    ("requests", requests),
    ("tokens", tokens),
    ("values", values),
];
