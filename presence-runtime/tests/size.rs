//! The size proof over every sort of shape: for each type its longest value, which has exactly as
//! many bytes as the bound says.

use presence_runtime::Presence;
use presence_runtime::schema::{Rules, Wire, size};

fn exact<T: Wire>(longest: &T) {
    let json = longest.json();
    assert_eq!(
        size::max_json(T::SHAPE, &Rules::NONE),
        Some(json.len()),
        "{json}"
    );
}

#[derive(Presence, Clone)]
struct Leaves {
    a: bool,
    b: u8,
    c: i8,
    #[presence(min = -5, max = 99)]
    d: i32,
    #[presence(min = -100, max = 99)]
    e: i32,
    f: f32,
    g: f64,
    #[presence(max_chars = 3)]
    h: String,
    i: Option<u8>,
    #[presence(max = 12_345)]
    j: Option<u32>,
    #[presence(max_items = 2)]
    k: Vec<u8>,
    #[presence(max_items = 2)]
    l: Option<Vec<Option<bool>>>,
    #[presence(max_items = 0)]
    m: Vec<u8>,
    #[serde(rename = "with \"quotes\" and ü")]
    n: Nothing,
}

#[derive(Presence, Clone)]
struct Nothing {}

fn leaves() -> Leaves {
    Leaves {
        a: false,
        b: 255,
        c: -128,
        d: 99,
        e: -100,
        f: -1.175_494_4e-38,
        g: -2.225_073_858_507_201_4e-308,
        h: "🦀🦀🦀".to_owned(),
        i: None,
        j: Some(12_345),
        k: vec![255; 2],
        l: Some(vec![Some(false); 2]),
        m: Vec::new(),
        n: Nothing {},
    }
}

#[test]
fn a_struct_is_as_long_as_its_fields() {
    // The longest f32 has 16 bytes, but is not this one.
    let of = leaves();
    let slack = 16 - serde_json::to_string(&of.f).expect("finite").len();
    let bound = size::max_json(Leaves::SHAPE, &Rules::NONE).expect("bounded");
    assert_eq!(of.json().len() + slack, bound, "{}", of.json());
    exact(&Nothing {});
}

macro_rules! enums {
    ($($name:ident $(#[$tag:meta])?;)*) => {$(
        mod $name {
            use super::*;

            #[derive(Presence)]
            $(#[$tag])?
            enum Unit { Longest }

            #[derive(Presence)]
            $(#[$tag])?
            enum Newtype { Unit, Of(Pair) }

            #[derive(Presence)]
            $(#[$tag])?
            enum Empty { Of(Nothing) }

            #[derive(Presence)]
            $(#[$tag])?
            enum Fields { Unit, Of { a: bool, b: u8 } }

            #[derive(Presence)]
            $(#[$tag])?
            enum NoFields { Of {} }

            #[test]
            fn each_variant_has_its_length() {
                exact(&Unit::Longest);
                exact(&Newtype::Of(Pair { a: false, b: 255 }));
                exact(&Empty::Of(Nothing {}));
                exact(&Fields::Of { a: false, b: 255 });
                exact(&NoFields::Of {});
            }
        }
    )*};
}

#[derive(Presence)]
struct Pair {
    a: bool,
    b: u8,
}

enums! {
    external;
    internal #[serde(tag = "t\n")];
    adjacent #[serde(tag = "t", content = "c")];
}
