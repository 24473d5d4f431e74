//! Types that cover the whole language of attributes, payloads for them, and what the runtime says
//! of each.

#![allow(
    missing_docs,
    reason = "the types are of no interest but for their shapes"
)]

mod dice;
mod judge;
mod longest;
mod payloads;
mod said;
pub mod types;

pub use dice::Dice;
pub use judge::{Judge, Row};
pub use longest::longest;
pub use payloads::payload;
pub use types::topics;
