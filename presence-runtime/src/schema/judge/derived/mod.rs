//! Derived types of every kind, for tests that ask two judges about them.

mod claims;
mod forms;
mod generics;
mod kinds;
mod nests;
mod recursive;
mod sparse;
mod tagged;

pub(crate) use self::claims::Claims;
pub(crate) use self::forms::Forms;
pub(crate) use self::generics::Generics;
pub(crate) use self::kinds::{AllDefault, Kinds, Nothing, Plain, Point};
pub(crate) use self::nests::{Line, Nests};
pub(crate) use self::recursive::{Chain, Tree};
pub(crate) use self::sparse::Sparse;
pub(crate) use self::tagged::{Beside, Choice, Deeper, Inside, Mixed, Tool};
