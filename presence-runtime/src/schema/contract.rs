//! The contract of a topic type: the one constant that stands for it where generics have ended.

use std::any::TypeId;
use std::fmt;

use super::pattern::{Pattern, Segment};
use super::shape::Decay;
use super::strict::Wire;
use super::{Invalid, Settings, Shape, Value, size};

/// A type that members announce as their value. `#[derive(Presence)]` with a `topic` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a topic type",
    label = "`{Self}` has no topic",
    note = "add `#[derive(Presence)]` and `#[presence(topic = \"…\")]` to `{Self}`"
)]
pub trait Presence: Wire + Send + Sync + 'static {
    /// The type's contract.
    const SCHEMA: &'static Schema;

    /// What stands for the parameters of the topic pattern: as many texts, in order.
    type Parameters: TryFrom<Vec<String>> + Send + 'static;

    /// A bit for each of the schema's `decays` whose field is not at its default.
    fn decaying(&self) -> u32 {
        0
    }

    /// Puts the fields of these bits back to their defaults.
    fn decay(&mut self, _fields: u32) {}
}

/// The most objects and arrays that stand inside each other in a value, proved by the derive.
pub(crate) const MAX_DEPTH: usize = 16;

/// What the derive declares of a topic type.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    /// The type's name in schemas, TypeScript and routes.
    pub name: &'static str,
    /// Which contract of the type this is, where the attributes count them.
    pub version: Option<u32>,
    /// The topic pattern, segment by segment.
    pub segments: &'static [Segment],
    /// The figures of the attributes.
    pub settings: Settings,
    /// The fields that decay, at most 32.
    pub decays: &'static [Decay],
}

/// The contract of a topic type.
pub struct Schema {
    of: TypeId,
    declaration: Declaration,
    shape: &'static Shape,
    pub(super) parse: fn(&'static Self, &[u8]) -> Result<Value, Invalid>,
    pub(super) decay: fn(&Value, u32) -> Value,
    pub(super) bad_default: fn() -> Option<&'static str>,
    #[cfg(feature = "codegen")]
    pub(crate) json_schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    #[cfg(feature = "codegen")]
    pub(crate) typescript: fn(&ts_rs::Config) -> Vec<crate::codegen::Declared>,
}

impl Schema {
    /// The contract of `T`. The derive calls this in a constant.
    #[must_use]
    pub const fn of<T: Presence>(declaration: Declaration) -> Self {
        Self {
            of: TypeId::of::<T>(),
            declaration,
            shape: T::SHAPE,
            parse: Value::parse_as::<T>,
            decay: Value::decay_as::<T>,
            bad_default: T::bad_default,
            #[cfg(feature = "codegen")]
            json_schema: |generator| generator.subschema_for::<T>(),
            #[cfg(feature = "codegen")]
            typescript: crate::codegen::declared::<T>,
        }
    }

    /// The type's name in schemas, TypeScript and routes.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.declaration.name
    }

    /// Which contract of the type this is, where its attributes count them: a higher number is newer.
    #[must_use]
    pub const fn version(&self) -> Option<u32> {
        self.declaration.version
    }

    /// Where the type's topics are.
    #[must_use]
    pub const fn pattern(&self) -> Pattern {
        Pattern::new(self.declaration.segments)
    }

    /// The figures the type declares.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.declaration.settings
    }

    /// The fields that fall back to their defaults.
    #[must_use]
    pub const fn decays(&self) -> &'static [Decay] {
        self.declaration.decays
    }

    /// How a value looks in JSON.
    #[must_use]
    pub const fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// The most bytes the canonical JSON of a value can have.
    #[must_use]
    pub fn max_json(&self) -> Option<usize> {
        size::max_json(self.shape, &super::Rules::NONE)
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of
    }
}

impl Eq for Schema {}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema")
            .field("name", &self.name())
            .field("pattern", &self.pattern())
            .finish_non_exhaustive()
    }
}
