//! `#[derive(Presence)]`: reads an annotated type, reports its mistakes, emits data and calls.
//!
//! `read` turns tokens into a `model`, with `attr` for the attributes. `check` asks whether
//! the parts go together. Both report every mistake they find, each at its own place. `expand`
//! writes the code and cannot fail.

// Nothing but the macro leaves this crate: `pub` is for its other files.
#![allow(unreachable_pub)]

mod attr;
mod case;
mod check;
mod errors;
mod expand;
mod expression;
mod kind;
mod model;
mod pattern;
mod read;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use errors::Errors;

/// Makes a struct or enum part of the presence contract; with `topic`, a topic type.
///
/// Keys of the type, all but `name` and `crate` only with `topic`:
///
/// | key | says | default |
/// |---|---|---|
/// | `topic = "boards:{board}:cursors"` | where its members meet | no topic |
/// | `ttl = "30s"` | how long an entry lives after its last heartbeat over HTTP | 30 s |
/// | `max_ttl = "5min"` | the longest ttl a heartbeat may ask for | 5 min |
/// | `grace = "10s"` | how long a lost connection may take to come back | 10 s |
/// | `throttle = "50ms"` | the shortest time between two flushes of a topic | 50 ms |
/// | `max_bytes = 512` | the most bytes of a value's JSON, proved at compile time | 1024 |
/// | `max_members = 100` | the most members of a topic | 10,000 |
/// | `version = 3` | which contract of the type this is: of two that differ, the lower one is older | not counted |
/// | `name = "Pointer"` | its name in schemas and TypeScript | the Rust name |
/// | `crate = "path"` | where `presence_runtime` is | `::presence_runtime` |
///
/// Keys of a field:
///
/// | key | says |
/// |---|---|
/// | `min = 0`, `max = 100` | the bounds of numbers |
/// | `min_chars = 1`, `max_chars = 32` | how many characters strings and the keys of maps have |
/// | `max_items = 16` | how many items lists and maps have |
/// | `pattern = "^[a-z]*$"` | what strings and keys match, in what Rust and ECMAScript both read |
/// | `unit = "px"` | what numbers are counted in, in the schema and in TypeScript's docs |
/// | `decay = "3s"` | falls back to its `#[serde(default)]` that long after it was sent |
/// | `server = "role"` | set by the server from the identity's claim; clients may not send it |
/// | `validate = path` | a `fn(&Type) -> Result<(), impl Display>` that says what would be right |
/// | `wire = "String"` | looks like another type: `String` by `Display` and `FromStr`, others by `From<&Type>` and `TryFrom` |
///
/// The rules of a field speak of everything inside its `Option`s, `Vec`s, arrays, tuples and maps,
/// but not of what is inside of other derived types: those have their own.
///
/// A type may stand inside itself, in an `Option<Box<Self>>`, a `Vec<Self>` or a map. Two types cannot
/// stand inside each other: the size of one would have to be known before the size of the other, and
/// the compiler reports a cycle (E0391). Make them one type, or bound the rounds by types of their own.
///
/// Of serde's attributes `rename`, `rename_all`, `rename_all_fields`, `default`, `tag`, `content`,
/// `skip`, `skip_serializing_if` and `transparent` mean what serde means by them. Those that would
/// let the JSON, its schema and its TypeScript disagree are refused.
#[proc_macro_derive(Presence, attributes(presence, serde))]
pub fn derive_presence(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let errors = Errors::default();
    let model = read::read(&input, &errors);
    if let Some(model) = &model {
        check::check(model, &errors);
    }
    match (errors.finish(), model) {
        (None, Some(model)) => expand::expand(&model),
        (errors, model) => expand::fallback(&input, model.as_ref(), errors),
    }
    .into()
}
