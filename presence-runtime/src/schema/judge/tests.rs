//! Examples of every rule, and the property that both looks refuse the same payloads.

use proptest::prelude::*;

use super::super::strict::from_json;
use super::super::{Content, Enum, Field, Need, Rules, Shape, Struct, Tag, Variant, Wire, size};
use super::*;

const fn field(key: &'static str, shape: &'static Shape, rules: Rules) -> Field {
    Field {
        rules,
        ..Field::new(key, shape)
    }
}

const fn unit(key: &'static str) -> Variant {
    Variant {
        key,
        docs: "",
        content: Content::Unit,
    }
}

const NONE: Rules = Rules::NONE;
const BYTE: Shape = Shape::Integer { min: 0, max: 255 };

const POINT: Shape = Shape::Struct(&Struct {
    name: "Point",
    docs: "",
    fields: &[
        field(
            "x",
            &Shape::F64,
            Rules {
                min: Some(0.0),
                max: Some(100.0),
                ..NONE
            },
        ),
        field(
            "label",
            &Shape::String,
            Rules {
                min_chars: Some(1),
                max_chars: Some(3),
                ..NONE
            },
        ),
        field(
            "tags",
            &Shape::List(&BYTE),
            Rules {
                max_items: Some(2),
                ..NONE
            },
        ),
        Field {
            need: Need::Optional,
            ..field("size", &Shape::Option(&BYTE), NONE)
        },
    ],
});

const KINDS: &[Variant] = &[
    unit("pen"),
    Variant {
        key: "point",
        docs: "",
        content: Content::Newtype(&POINT, NONE),
    },
    Variant {
        key: "box",
        docs: "",
        content: Content::Struct(&[field("w", &BYTE, NONE)]),
    },
];

const fn kinds(tag: Tag) -> Enum {
    Enum {
        name: "Kind",
        docs: "",
        tag,
        variants: KINDS,
    }
}

const EXTERNAL: Shape = Shape::Enum(&kinds(Tag::External));
const INTERNAL: Shape = Shape::Enum(&kinds(Tag::Internal("is")));
const ADJACENT: Shape = Shape::Enum(&kinds(Tag::Adjacent("is", "of")));

/// `path rule expected <- found`, one a line.
fn judged(shape: &Shape, json: &str) -> Vec<String> {
    look(shape, json.as_bytes(), Side::Input)
        .into_iter()
        .map(|it| format!("{} {:?} {} <- {}", it.path, it.rule, it.expected, it.found))
        .collect()
}

#[test]
fn finds_nothing_in_what_is_right() {
    for (shape, json) in [
        (
            &POINT,
            r#"{"x":1,"label":"ä😀\t","tags":[1.0,25e1],"size":null}"#,
        ),
        (&POINT, r#" {"tags":[],"label":"a","x":-0} "#),
        (&EXTERNAL, r#""pen""#),
        (&EXTERNAL, r#"{"box":{"w":1}}"#),
        (&INTERNAL, r#"{"is":"pen"}"#),
        (&INTERNAL, r#"{"x":1,"label":"a","is":"point","tags":[]}"#),
        (&ADJACENT, r#"{"is":"pen"}"#),
        (&ADJACENT, r#"{"of":{"w":1},"is":"box"}"#),
    ] {
        assert_eq!(judged(shape, json), [""; 0], "{json}");
    }
}

#[test]
fn finds_all_mistakes_at_once() {
    let json = r#"{"x":100.5,"label":"","tags":[256,-1,1.5,"1"],"sise":1,"x":2,"size":{}}"#;
    assert_eq!(
        judged(&POINT, json),
        [
            "/x Max a number from 0 to 100 <- 100.5",
            r#"/label MinChars at least 1 character <- 0 characters: """#,
            "/tags MaxItems at most 2 items <- 4 items: [256,-1,1.5,\"1\"]",
            "/tags/0 Max an integer from 0 to 255 <- 256",
            "/tags/1 Min an integer from 0 to 255 <- -1",
            "/tags/2 Type an integer from 0 to 255 <- 1.5",
            "/tags/3 Type an integer from 0 to 255 <- \"1\"",
            "/sise Unknown the key `size` <- the key `sise`",
            "/x Duplicate the key `x` once <- 2",
            "/size Type an integer from 0 to 255 or null <- {}",
        ]
    );
    assert_eq!(
        judged(&POINT, r#"{"label":"abcd\u0000\u007f","colour/~":1}"#),
        [
            r#"/label MaxChars at most 3 characters <- 6 characters: "abcd\u0000\u007f""#,
            r#"/label Control no control characters but tab, line feed and carriage return <- U+0000 in "abcd\u0000\u007f""#,
            "/colour~1~0 Unknown one of the keys `x`, `label`, `tags`, `size` <- the key `colour/~`",
            "/x Required a number from 0 to 100 <- nothing",
            "/tags Required an array of at most 2 items <- nothing",
        ]
    );
}

#[test]
fn finds_mistakes_in_enums() {
    for (shape, json, found) in [
        (
            &EXTERNAL,
            r#""pan""#,
            r#" Variant one of `pen`, `point`, `box` <- "pan""#,
        ),
        (&EXTERNAL, "1", " Type one of `pen`, `point`, `box` <- 1"),
        (
            &EXTERNAL,
            r#"{"pen":null}"#,
            r#" Type the string "pen" <- {"pen":null}"#,
        ),
        (
            &EXTERNAL,
            r#""box""#,
            r#" Type an object with the key `box` <- "box""#,
        ),
        (&EXTERNAL, r#"{"box":[1]}"#, "/box Type an object <- [1]"),
        (&EXTERNAL, "{}", " Type one key, the variant <- {}"),
        (
            &INTERNAL,
            r#"{"is":"pen","w":1}"#,
            "/w Unknown no further key <- the key `w`",
        ),
        (
            &INTERNAL,
            r#"{"is":0}"#,
            "/is Type one of `pen`, `point`, `box` <- 0",
        ),
        (
            &INTERNAL,
            r#"{"w":0}"#,
            "/is Required one of `pen`, `point`, `box` <- nothing",
        ),
        (
            &INTERNAL,
            r#"["box",{"w":1}]"#,
            r#" Type an object whose `is` is one of `pen`, `point`, `box` <- ["box",{"w":1}]"#,
        ),
        (
            &INTERNAL,
            r#"{"is":"box","w":1,"is":"box"}"#,
            r#"/is Duplicate the key `is` once <- "box""#,
        ),
        (
            &ADJACENT,
            r#"{"is":"box"}"#,
            "/of Required an object <- nothing",
        ),
        (
            &ADJACENT,
            r#"{"is":"pen","of":null}"#,
            "/of Unknown only the key `is` <- the key `of`",
        ),
        (
            &ADJACENT,
            r#"{"is":"box","of":{"w":-1}}"#,
            "/of/w Min an integer from 0 to 255 <- -1",
        ),
    ] {
        assert_eq!(judged(shape, json), [found], "{json}");
    }
}

#[test]
fn says_where_the_text_is_not_json() {
    for (json, path, found) in [
        (r#"{"x":NaN}"#, "/x", "NaN}"),
        (r#"{"x":-1e400,"y":2}"#, "/x", "-1e400,\"y\":2}"),
        (r#"{"a":[1,{"b/c":tru}]}"#, "/a/1/b~1c", "}]}"),
        ("{\"x\":1,\n \"y\":+1}", "/y", "+1}"),
        (r#"{"x":1} x"#, "", "x"),
        (r#"{"x":1"#, "", "the end of the text"),
        (r#"["\ud800"]"#, "/0", "\"]"),
        ("", "", "the end of the text"),
    ] {
        let violations = look(&POINT, json.as_bytes(), Side::Input);
        let [violation] = violations.as_slice() else {
            panic!("{json}: {violations:?}");
        };
        assert_eq!(violation.rule, Rule::Json, "{json}");
        assert_eq!(
            (violation.path.as_str(), violation.found.as_str()),
            (path, found),
            "{json}"
        );
    }
    assert_eq!(
        look(&POINT, b"{\"x\":\xff}", Side::Input)[0].rule,
        Rule::Json
    );
}

#[test]
fn refuses_depth_without_using_the_stack() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let rules = |json: &str| {
        look(&POINT, json.as_bytes(), Side::Input)
            .iter()
            .map(|it| it.rule)
            .collect::<Vec<_>>()
    };
    assert_eq!(rules(&nested(16)), [Rule::Type]);
    assert_eq!(rules(&nested(17)), [Rule::Depth, Rule::Type]);
    assert_eq!(rules(&nested(1_000_000)), [Rule::Depth, Rule::Type]);
    assert_eq!(rules(&"[".repeat(1_000_000)), [Rule::Json]);
    assert_eq!(
        rules(&format!("{}1", "{\"a\":".repeat(1_000_000))),
        [Rule::Json]
    );
}

#[test]
fn repeats_little_of_what_came() {
    let long = "ä".repeat(10_000);
    let many: String = (0..1000).map(|i| format!("\"{i}{long}\":1,")).collect();
    for json in [
        format!(r#"{{"x":1,"tags":[],"label":"{long}"}}"#),
        format!(r#"{{"{long}":1}}"#),
        format!(r#"{{"{long}":NaN, {long}}}"#),
        format!("{{{many}\"x\":1}}"),
    ] {
        let violations = look(&POINT, json.as_bytes(), Side::Input);
        assert!((1..=Invalid::MOST).contains(&violations.len()));
        for it in violations {
            assert!(it.found.chars().count() <= 64, "{}", it.found);
            assert!(it.path.chars().count() <= 65, "{}", it.path);
        }
    }
}

fn read<T: Wire>(text: &[u8]) -> Option<T> {
    from_json(text, &NONE).ok()
}

/// Both looks refuse the same texts of a type, and what was taken is a value in every respect: it
/// keeps the rules, fits the proved size, and is taken again as what it was sent on as.
fn both_looks_agree<T: Wire>(text: &str) -> Result<(), TestCaseError> {
    let value = read::<T>(text.as_bytes());
    let found = look(T::SHAPE, text.as_bytes(), Side::Input);
    prop_assert_eq!(value.is_some(), found.is_empty(), "{}: {:?}", text, found);
    prop_assert!(found.len() <= Invalid::MOST);
    for violation in found {
        prop_assert!(violation.found.chars().count() <= 64);
        prop_assert!(!violation.expected.is_empty());
    }
    if let Some(value) = value {
        prop_assert!(value.keeps(&NONE), "{}", text);
        let canonical = encoded(&value);
        prop_assert_eq!(look(T::SHAPE, &canonical, Side::Output), vec![]);
        let again = read::<T>(&canonical).map(|it| encoded(&it));
        prop_assert_eq!(again.as_ref(), Some(&canonical));
        if let Some(most) = size::max_json(T::SHAPE, &NONE) {
            prop_assert!(
                canonical.len() <= most,
                "{} > {}: {}",
                canonical.len(),
                most,
                text
            );
        }
    }
    Ok(())
}

fn encoded<T: Wire>(value: &T) -> Vec<u8> {
    let mut json = Vec::new();
    value
        .encode(&mut serde_json::Serializer::new(&mut json))
        .expect("writing to memory does not fail");
    json
}

macro_rules! both_looks_agree {
    ($($name:ident: $type:ty;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(1000))]
            $(#[test]
            fn $name(text in payloads::payload(<$type as Wire>::SHAPE)) {
                both_looks_agree::<$type>(&text)?;
            })*
        }
    };
}

both_looks_agree! {
    agree_on_bools: bool;
    agree_on_bytes: u8;
    agree_on_large_integers: i64;
    agree_on_f32: f32;
    agree_on_f64: f64;
    agree_on_strings: String;
    agree_on_options: Option<i32>;
    agree_on_lists: Vec<Option<Vec<u64>>>;
    agree_on_structs: derived::Point;
    agree_on_defaults: derived::AllDefault;
    agree_on_empty_structs: derived::Nothing;
    agree_on_unit_enums: derived::Tool;
    agree_on_external_tags: derived::Mixed;
    agree_on_internal_tags: derived::Inside;
    agree_on_tags_inside_tags: derived::Deeper;
    agree_on_adjacent_tags: derived::Beside;
    agree_on_everything: derived::Kinds;
    agree_on_topics_of_enums: derived::Choice;
    agree_on_chars: char;
    agree_on_tuples: (u8, Option<char>, bool);
    agree_on_arrays: [Option<i16>; 3];
    agree_on_maps: std::collections::HashMap<String, (f32,)>;
    agree_on_boxes: Box<[Box<u8>; 1]>;
    agree_on_nests: derived::Nests;
    agree_on_newtypes: derived::Line;
    agree_on_trees: derived::Tree;
    agree_on_chains: derived::Chain;
    agree_on_what_is_left_out: derived::Sparse;
    agree_on_forms_and_code: derived::Forms;
    agree_on_parameters: derived::Generics;
}
