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

/// What the derive says to schemars and ts-rs. It is compiled only where codegen is, and the crate
/// that derives cannot know whether that is so.
#[cfg(feature = "codegen")]
#[doc(hidden)]
#[macro_export]
macro_rules! __describe {
    ($($items:tt)*) => { $($items)* };
}

/// Without the feature `codegen` nothing is said.
#[cfg(not(feature = "codegen"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __describe {
    ($($items:tt)*) => {};
}
