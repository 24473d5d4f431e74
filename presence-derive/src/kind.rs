//! What a type's syntax tells about it. A macro sees names, not types: what stands behind an
//! unknown name is judged by constants in the expansion.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Expr, ExprLit, GenericArgument, Generics, Ident, Lit, PathArguments, PathSegment, Type};

use crate::attr;

/// A type as far as its syntax tells.
pub struct Kind {
    /// The type.
    pub ty: Type,
    pub sort: Sort,
}

/// What a type is made of.
pub enum Sort {
    Option(Box<Kind>),
    List(Box<Kind>),
    Array(Box<Kind>),
    Map(Box<Kind>),
    Tuple(Vec<Kind>),
    Boxed(Box<Kind>),
    /// The type that is derived for, inside of itself.
    Own,
    Leaf(Leaf),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    Bool,
    Integer(Integer),
    F32,
    F64,
    Char,
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

/// The longest array and tuple that schemars and ts-rs know.
const LONGEST_ARRAY: usize = 32;
const LONGEST_TUPLE: usize = 8;

impl Kind {
    /// Looks at a type that stands in this one.
    pub fn of(ty: &Type, own: &Own) -> Self {
        let ty = bare(ty);
        Self {
            ty: ty.clone(),
            sort: sort(ty, own),
        }
    }

    /// What the type holds directly.
    pub fn inside(&self) -> &[Self] {
        match &self.sort {
            Sort::Option(inner)
            | Sort::List(inner)
            | Sort::Array(inner)
            | Sort::Map(inner)
            | Sort::Boxed(inner) => std::slice::from_ref(&**inner),
            Sort::Tuple(members) => members,
            Sort::Own | Sort::Leaf(_) => &[],
        }
    }

    /// Whether the type or something in it is so.
    pub fn any(&self, is: &impl Fn(&Self) -> bool) -> bool {
        is(self) || self.inside().iter().any(|it| it.any(is))
    }

    /// Calls `see` for the type and all that is in it.
    pub fn each<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        self.inside().iter().for_each(|it| it.each(see));
    }

    /// What the type is when nothing stands around it.
    pub fn leaf(&self) -> Option<Leaf> {
        match self.sort {
            Sort::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }

    pub fn is_option(&self) -> bool {
        matches!(self.sort, Sort::Option(_))
    }

    pub fn has_list(&self) -> bool {
        self.any(&|it| matches!(it.sort, Sort::List(_)))
    }

    pub fn has_map(&self) -> bool {
        self.any(&|it| matches!(it.sort, Sort::Map(_)))
    }

    /// Whether there is a name in it that says nothing.
    pub fn has_named(&self) -> bool {
        self.any(&|it| it.leaf() == Some(Leaf::Named))
    }

    /// Whether the type that is derived for stands in it.
    pub fn has_own(&self) -> bool {
        self.any(&|it| matches!(it.sort, Sort::Own))
    }
}

/// The type that is derived for, as its fields may call it.
pub struct Own {
    ident: Ident,
    parameters: Vec<Ident>,
}

impl Own {
    pub fn new(ident: &Ident, generics: &Generics) -> Self {
        Self {
            ident: ident.clone(),
            parameters: generics.type_params().map(|it| it.ident.clone()).collect(),
        }
    }

    /// The type with the own name instead of `Self`, which is another in the code around.
    pub fn named(&self, ty: &Type) -> Type {
        syn::parse2(self.rename(ty.to_token_stream())).unwrap_or_else(|_| ty.clone())
    }

    fn rename(&self, tokens: TokenStream) -> TokenStream {
        let each = tokens.into_iter().map(|token| match token {
            TokenTree::Ident(it) if it == "Self" => {
                let mut ident = self.ident.clone();
                ident.set_span(it.span());
                let parameters = &self.parameters;
                if parameters.is_empty() {
                    return quote!(#ident);
                }
                quote!(#ident<#(#parameters),*>)
            }
            TokenTree::Group(it) => {
                let mut group = Group::new(it.delimiter(), self.rename(it.stream()));
                group.set_span(it.span());
                TokenTree::Group(group).into()
            }
            other => other.into(),
        });
        each.collect()
    }

    fn is(&self, ty: &Type) -> bool {
        let Type::Path(it) = ty else { return false };
        let [segment] = it.path.segments.iter().collect::<Vec<_>>()[..] else {
            return false;
        };
        let arguments: Vec<_> = match &segment.arguments {
            PathArguments::AngleBracketed(it) => it
                .args
                .iter()
                .map(|it| it.to_token_stream().to_string())
                .collect(),
            _ => Vec::new(),
        };
        let parameters = self.parameters.iter().map(Ident::to_string);
        segment.ident.unraw() == self.ident.unraw() && parameters.eq(arguments)
    }
}

const fn integer(name: &'static str, min: i128, max: i128) -> Integer {
    Integer { name, min, max }
}

/// The type without the groups that macros put around it.
pub fn bare(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(it) => &it.elem,
            Type::Paren(it) => &it.elem,
            _ => return ty,
        };
    }
}

fn sort(ty: &Type, own: &Own) -> Sort {
    let inner = |ty: &Type| Box::new(Kind::of(ty, own));
    if own.is(ty) {
        return Sort::Own;
    }
    match ty {
        Type::Tuple(it) if it.elems.is_empty() => {
            return refused("nothing is told by it; leave it out, or use Option");
        }
        Type::Tuple(it) if it.elems.len() > LONGEST_TUPLE => {
            return refused("a tuple has at most 8 members, use a struct with named fields");
        }
        Type::Tuple(it) => {
            return Sort::Tuple(it.elems.iter().map(|it| Kind::of(it, own)).collect());
        }
        Type::Array(it) => {
            return match length(&it.len) {
                Some(length) if length == 0 || length > LONGEST_ARRAY => refused(
                    "an array has 1 to 32 items, use `Vec` with `#[presence(max_items = N)]`",
                ),
                _ => Sort::Array(inner(&it.elem)),
            };
        }
        _ => {}
    }
    let Some(segment) = name(ty) else {
        return refused(match ty {
            Type::Slice(_) => "use `Vec` with `#[presence(max_items = N)]`",
            Type::Reference(_) => "a value owns its data, use `String`, `Vec` or the type itself",
            _ => {
                "use a struct, an enum, bool, a number, char, String, Option, Vec, an array, a tuple or a map"
            }
        });
    };
    let text = segment.ident.to_string();
    match (text.as_str(), arguments(segment).as_slice()) {
        ("Option", [it]) => Sort::Option(inner(it)),
        ("Vec", [it]) => Sort::List(inner(it)),
        ("Box", [it]) => Sort::Boxed(inner(it)),
        ("HashMap" | "BTreeMap", [key, value, ..]) => match name(key) {
            Some(key) if key.ident == "String" => Sort::Map(inner(value)),
            _ => refused("the keys of a JSON object are strings, use `String` as the key"),
        },
        ("IndexMap", [_, ..]) => refused("use `BTreeMap` or `HashMap` with `String` keys"),
        (
            "HashSet" | "BTreeSet" | "IndexSet" | "VecDeque" | "LinkedList" | "BinaryHeap",
            [_, ..],
        ) => refused("use `Vec` with `#[presence(max_items = N)]`"),
        ("Rc" | "Arc" | "Cell" | "RefCell" | "Mutex" | "RwLock", [_]) => {
            refused("a value is sent and shared as JSON, use the type inside")
        }
        ("Cow", _) => refused("a value owns its data, use `String`"),
        (text, []) => Sort::Leaf(leaf(text)),
        _ => Sort::Leaf(Leaf::Named),
    }
}

const fn refused(way_out: &'static str) -> Sort {
    Sort::Leaf(Leaf::Refused(way_out))
}

fn leaf(text: &str) -> Leaf {
    if let Some(integer) = INTEGERS.into_iter().find(|it| it.name == text) {
        return Leaf::Integer(integer);
    }
    match text {
        "bool" => Leaf::Bool,
        "f32" => Leaf::F32,
        "f64" => Leaf::F64,
        "char" => Leaf::Char,
        "String" => Leaf::String,
        "usize" => {
            Leaf::Refused("it has another range on another machine, use u32, or u64 with `max`")
        }
        "isize" => Leaf::Refused(
            "it has another range on another machine, use i32, or i64 with `min` and `max`",
        ),
        "u128" => Leaf::Refused("JavaScript cannot hold all of it, use u32, or u64 with `max`"),
        "i128" => {
            Leaf::Refused("JavaScript cannot hold all of it, use i32, or i64 with `min` and `max`")
        }
        "str" => Leaf::Refused("use `String`"),
        _ => Leaf::Named,
    }
}

fn arguments(segment: &PathSegment) -> Vec<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(it) => it
            .args
            .iter()
            .filter_map(|it| match it {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The length of an array where it is written out.
fn length(length: &Expr) -> Option<usize> {
    match attr::bare(length) {
        Expr::Lit(ExprLit {
            lit: Lit::Int(it), ..
        }) => it.base10_parse().ok(),
        _ => None,
    }
}

fn name(ty: &Type) -> Option<&PathSegment> {
    match bare(ty) {
        Type::Path(it) if it.qself.is_none() => it.path.segments.last(),
        _ => None,
    }
}

/// Whether a type names this one, at any depth.
pub fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(it) => it.unraw() == name.unraw(),
        TokenTree::Group(it) => mentions(it.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
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
