//! The types: together they use every attribute and every kind of shape.

pub mod code;
pub mod enums;
pub mod mixtures;
pub mod nests;
pub mod numbers;
pub mod oddities;
pub mod records;
pub mod strings;

use presence_runtime::Topics;

/// All of them, and those of the examples.
#[must_use]
pub fn topics() -> Topics {
    let topics = topics::topics();
    let topics = numbers::register(topics);
    let topics = strings::register(topics);
    let topics = records::register(topics);
    let topics = nests::register(topics);
    let topics = code::register(topics);
    let topics = enums::register(topics);
    let topics = mixtures::register(topics);
    oddities::register(topics)
}
