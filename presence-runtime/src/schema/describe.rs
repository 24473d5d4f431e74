//! What codegen asks of a type. Without the feature `codegen` it asks nothing.

/// The type is known to schemars and ts-rs. Implemented by the derive, never by hand.
#[cfg(feature = "codegen")]
pub trait Describe: schemars::JsonSchema + ts_rs::TS + 'static {}
#[cfg(feature = "codegen")]
impl<T: schemars::JsonSchema + ts_rs::TS + 'static + ?Sized> Describe for T {}

/// Nothing is asked without the feature `codegen`.
#[cfg(not(feature = "codegen"))]
pub trait Describe {}
#[cfg(not(feature = "codegen"))]
impl<T: ?Sized> Describe for T {}
