//! Types whose parts come out of the fragments of macros: what they name is still found.

use std::collections::BTreeMap;

use presence_runtime::Presence;
use presence_runtime::schema::Value;

macro_rules! whole {
    ($item:item) => {
        #[derive(Presence)]
        $item
    };
}

whole! {
    #[presence(topic = "whole")]
    struct Whole {
        #[presence(max_items = 3)]
        list: Vec<u8>,
        flag: Option<bool>,
        #[serde(default)]
        #[presence(decay = "1s")]
        fading: bool,
    }
}

whole! {
    #[serde(tag = "is")]
    enum Tagged {
        Whole(Whole),
        Named { it: u8 },
    }
}

whole! {
    enum Plain {
        Number(u8),
        Named { it: bool },
    }
}

macro_rules! parts {
    ($visibility:vis $name:ident, $list:ty, $text:ty, $path:path, $literal:literal, $most:expr, $text_of:expr) => {
        #[derive(Presence)]
        #[doc = $text_of]
        #[presence(topic = $literal, max_bytes = 4000)]
        $visibility struct $name {
            #[presence(max_items = $most, max = $most)]
            list: $list,
            array: [$path; $most],
            #[presence(max_chars = $most, pattern = $text_of)]
            text: $text,
            #[presence(max_chars = $most, max_items = $most)]
            map: BTreeMap<$text, $path>,
            #[presence(wire = "String", max_chars = $most)]
            number: Option<$path>,
            #[presence(validate = $crate::is_even, min = -$most, max = $most)]
            even: i32,
            #[serde(default = $literal)]
            defaulted: u8,
        }
    };
}

parts!(pub Parts, Vec<Option<u8>>, String, u16, "parts", 4, "^[a-z]*$");

fn parts() -> u8 {
    7
}

fn is_even(number: &i32) -> Result<(), &'static str> {
    if number % 2 == 0 { Ok(()) } else { Err("an even number") }
}

fn main() {
    let parse = |json: &str| Value::parse(Parts::SCHEMA, json.as_bytes());
    let value = r#"{"list":[4,null],"array":[1,2,3,4],"text":"ab","map":{"k":1},"number":"12","even":-4}"#;
    let json = parse(value).expect("it is valid");
    assert!(json.json().ends_with(br#","even":-4,"defaulted":7}"#), "{json:?}");
    let broken = parse(r#"{"list":[5],"array":[1],"text":"A","map":{"keys!":1},"number":"x","even":3}"#);
    let rules: Vec<_> = broken.expect_err("all is wrong").violations.iter().map(|it| it.path.clone()).collect();
    assert_eq!(rules, ["/list/0", "/array", "/text", "/map/keys!", "/number", "/even"]);

    assert_eq!(Whole::SCHEMA.decays().len(), 1);
    let whole = Whole { list: vec![1], flag: None, fading: true };
    assert_eq!(whole.decaying(), 1);
    assert!(matches!(Tagged::Whole(whole), Tagged::Whole(_)));
    let _ = (Tagged::Named { it: 1 }, Plain::Number(1), Plain::Named { it: true });
}
