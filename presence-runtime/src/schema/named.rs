//! The names of types with parameters: `Pair<u8>` is `PairU8` in JSON Schema and TypeScript, where
//! each use of the type is a type by itself.

use super::Shape;

/// A name that is put together in a constant.
#[derive(Debug)]
pub struct Name {
    bytes: [u8; Self::MOST],
    length: usize,
}

/// What has such a name. The derive implements it.
pub trait Named {
    /// The name.
    const NAME: &'static Name;
}

impl Name {
    const MOST: usize = 128;

    /// A name that is yet without parameters.
    #[must_use]
    pub const fn new(name: &str) -> Self {
        let empty = Self {
            bytes: [0; Self::MOST],
            length: 0,
        };
        empty.text(name)
    }

    /// The name with a parameter of this shape.
    #[must_use]
    pub const fn with(self, shape: &Shape) -> Self {
        match shape {
            Shape::Any => self.text("Any"),
            Shape::Bool => self.text("Bool"),
            Shape::Integer { min, max } => self.text(integer(*min, *max)),
            Shape::F32 => self.text("F32"),
            Shape::F64 => self.text("F64"),
            Shape::String => self.text("String"),
            Shape::Char => self.text("Char"),
            Shape::Option(inner) => self.text("Option").with(inner),
            Shape::List(inner) => self.text("List").with(inner),
            Shape::Map(inner) => self.text("Map").with(inner),
            Shape::Array(inner, length) => self.text("Array").number(*length).with(inner),
            Shape::Tuple(members) => {
                let mut name = self.text("Tuple");
                let mut i = 0;
                while i < members.len() {
                    name = name.with(members[i]);
                    i += 1;
                }
                name
            }
            Shape::Newtype(it) => self.text(it.name),
            Shape::Struct(it) => self.text(it.name),
            Shape::Enum(it) => self.text(it.name),
            Shape::Again(it) => self.text(it.name),
        }
    }

    /// The name.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => panic!("names are ASCII"),
        }
    }

    const fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            assert!(
                self.length < Self::MOST,
                "the name of this type with its parameters has more than 128 characters: write the type out"
            );
            self.bytes[self.length] = bytes[i];
            self.length += 1;
            i += 1;
        }
        self
    }

    const fn number(self, number: usize) -> Self {
        const DIGITS: &str = "0123456789";
        let name = if number >= 10 {
            self.number(number / 10)
        } else {
            self
        };
        name.text(DIGITS.split_at(number % 10).1.split_at(1).0)
    }
}

const fn integer(min: i64, max: i64) -> &'static str {
    match (min, max) {
        (0, 0xff) => "U8",
        (0, 0xffff) => "U16",
        (0, 0xffff_ffff) => "U32",
        (0, _) => "U64",
        (-0x80, _) => "I8",
        (-0x8000, _) => "I16",
        (-0x8000_0000, _) => "I32",
        _ => "I64",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_parameters() {
        const SHAPE: &Shape = &Shape::Array(
            &Shape::Option(&Shape::Tuple(&[
                &Shape::Integer { min: 0, max: 255 },
                &Shape::String,
            ])),
            32,
        );
        let name = Name::new("Pair").with(&Shape::F64).with(SHAPE);
        assert_eq!(name.as_str(), "PairF64Array32OptionTupleU8String");
    }
}
