//! What the tests of this room share: nothing but the model of the core.

mod subscribers;
