//! What a type's syntax tells about it. A macro sees names, not types: what stands behind an
//! unknown name is judged by constants in the expansion.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// A type as far as its syntax tells.
pub struct Kind {
    /// What stands around the leaf, outermost first.
    pub nests: Vec<Nest>,
    pub leaf: Leaf,
    /// The type of the leaf.
    pub ty: Type,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nest {
    Option,
    List,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    Bool,
    Integer(Integer),
    F32,
    F64,
    String,
    /// A name that says nothing: a type of the user's, or an alias.
    Named,
    /// Not to be had in a presence value; use what is written here.
    Refused(&'static str),
}

/// An integer type and its range, where JavaScript holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer {
    pub name: &'static str,
    pub min: i128,
    pub max: i128,
}

/// The largest integer every JavaScript engine holds exactly, 2^53 − 1.
pub const SAFE: i128 = (1 << 53) - 1;

const INTEGERS: [Integer; 8] = [
    integer("u8", 0, u8::MAX as i128),
    integer("u16", 0, u16::MAX as i128),
    integer("u32", 0, u32::MAX as i128),
    integer("u64", 0, u64::MAX as i128),
    integer("i8", i8::MIN as i128, i8::MAX as i128),
    integer("i16", i16::MIN as i128, i16::MAX as i128),
    integer("i32", i32::MIN as i128, i32::MAX as i128),
    integer("i64", i64::MIN as i128, i64::MAX as i128),
];

impl Kind {
    /// Looks at a type.
    pub fn of(ty: &Type) -> Self {
        let mut nests = Vec::new();
        let mut ty = ty;
        loop {
            ty = bare(ty);
            let Some((nest, inner)) = nest(ty) else { break };
            nests.push(nest);
            ty = inner;
        }
        Self {
            nests,
            leaf: leaf(ty),
            ty: ty.clone(),
        }
    }

    /// Whether there is a list on the way to the leaf.
    pub fn has_list(&self) -> bool {
        self.nests.contains(&Nest::List)
    }

    /// Whether the type is an `Option` itself.
    pub fn is_option(&self) -> bool {
        self.nests.first() == Some(&Nest::Option)
    }
}

const fn integer(name: &'static str, min: i128, max: i128) -> Integer {
    Integer { name, min, max }
}

/// The type without the groups that macros put around it.
fn bare(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(it) => &it.elem,
            Type::Paren(it) => &it.elem,
            _ => return ty,
        };
    }
}

fn nest(ty: &Type) -> Option<(Nest, &Type)> {
    let segment = name(ty)?;
    let nest = match segment.ident.to_string().as_str() {
        "Option" => Nest::Option,
        "Vec" => Nest::List,
        _ => return None,
    };
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if arguments.args.len() == 1 => Some((nest, inner)),
        _ => None,
    }
}

fn leaf(ty: &Type) -> Leaf {
    let Some(segment) = name(ty) else {
        return Leaf::Refused(match ty {
            Type::Tuple(_) => "a tuple has no keys, use a struct with named fields",
            Type::Array(_) | Type::Slice(_) => "use `Vec` with `#[presence(max_items = N)]`",
            Type::Reference(_) => "a value owns its data, use `String`, `Vec` or the type itself",
            _ => "use a struct, an enum, bool, a number, String, Option or Vec",
        });
    };
    let text = segment.ident.to_string();
    if let PathArguments::AngleBracketed(_) = segment.arguments {
        return match text.as_str() {
            "HashMap" | "BTreeMap" | "IndexMap" => Leaf::Refused(
                "the keys of a map are not known, use a struct, or `Vec` of a struct that holds the key",
            ),
            "HashSet" | "BTreeSet" | "IndexSet" | "VecDeque" | "LinkedList" | "BinaryHeap" => {
                Leaf::Refused("use `Vec` with `#[presence(max_items = N)]`")
            }
            "Box" | "Rc" | "Arc" => Leaf::Refused("use the type inside"),
            "Cow" => Leaf::Refused("a value owns its data, use `String`"),
            _ => Leaf::Named,
        };
    }
    if let Some(integer) = INTEGERS.into_iter().find(|it| it.name == text) {
        return Leaf::Integer(integer);
    }
    match text.as_str() {
        "bool" => Leaf::Bool,
        "f32" => Leaf::F32,
        "f64" => Leaf::F64,
        "String" => Leaf::String,
        "usize" | "u128" => {
            Leaf::Refused("JavaScript cannot hold all of it, use u32, or u64 with `max`")
        }
        "isize" | "i128" => {
            Leaf::Refused("JavaScript cannot hold all of it, use i32, or i64 with `min` and `max`")
        }
        "char" => Leaf::Refused("use `String` with `#[presence(min_chars = 1, max_chars = 1)]`"),
        "str" => Leaf::Refused("use `String`"),
        _ => Leaf::Named,
    }
}

fn name(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(it) if it.qself.is_none() => it.path.segments.last(),
        _ => None,
    }
}

/// The type as the user wrote it, in one line.
pub fn text(ty: &Type) -> String {
    let tokens = ty.to_token_stream().to_string();
    tokens
        .replace(" < ", "<")
        .replace(" > ", ">")
        .replace(" >", ">")
        .replace(" :: ", "::")
        .replace("& ", "&")
}
