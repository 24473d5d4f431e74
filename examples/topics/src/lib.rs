//! The topic types of the examples.
