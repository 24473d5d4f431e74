//! What JSON a derived type takes and what it says: a table of texts for every sort of type. A text
//! is followed by the canonical JSON of what it is read as, or by nothing when it is refused.

use presence_runtime::Presence;
use presence_runtime::schema::{Rules, Wire};
use proptest::prelude::*;

/// Reads a text and says it again.
fn again<T: Wire>(json: &str) -> Option<String> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = T::decode(&mut deserializer, &Rules::NONE).ok()?;
    deserializer.end().ok()?;
    assert!(
        value.keeps(&Rules::NONE),
        "{json} was read but breaks a rule"
    );
    let mut out = Vec::new();
    value
        .encode(&mut serde_json::Serializer::new(&mut out))
        .expect("memory takes all");
    Some(String::from_utf8(out).expect("JSON is UTF-8"))
}

/// `same` stands for the text itself.
fn table<T: Wire>(good: &[(&str, &str)], bad: &[&str]) {
    for (json, canonical) in good {
        let canonical = if *canonical == "same" {
            json
        } else {
            canonical
        };
        assert_eq!(again::<T>(json).as_deref(), Some(*canonical), "{json}");
        assert_eq!(again::<T>(canonical).as_deref(), Some(*canonical), "{json}");
    }
    for json in bad {
        assert_eq!(again::<T>(json), None, "{json}");
    }
}

#[derive(Presence)]
struct Point {
    x: u32,
    y: Option<f64>,
}

#[test]
fn a_struct_is_an_object_with_its_keys() {
    table::<Point>(
        &[
            (r#"{"x":1,"y":null}"#, "same"),
            (r#"{"x":1,"y":-0.0}"#, "same"),
            (r#" { "y" : 2 , "x" : 1 } "#, r#"{"x":1,"y":2.0}"#),
            (r#"{"x":1}"#, r#"{"x":1,"y":null}"#),
            (r#"{"\u0078":1}"#, r#"{"x":1,"y":null}"#),
        ],
        &[
            "",
            "null",
            "1",
            "\"x\"",
            "[1,2]",
            "[1,null]",
            "{}",
            r#"{"y":1}"#,
            r#"{"x":1,"z":2}"#,
            r#"{"X":1}"#,
            r#"{"x":1,"x":1}"#,
            r#"{"x":1,"y":null,"y":null}"#,
            r#"{"x":1,}"#,
            r#"{"x":1}{"#,
            r#"{"x":1} 1"#,
            r#"{x:1}"#,
            "{\"x\":1}\u{0}",
        ],
    );
}

#[test]
fn an_integer_is_a_whole_number_within_its_type() {
    let of = |number: &str| again::<Point>(&format!("{{\"x\":{number}}}"));
    for (number, read) in [
        ("0", "0"),
        ("-0", "0"),
        ("1.0", "1"),
        ("1e2", "100"),
        ("4294967295", "4294967295"),
        ("4.294967295e9", "4294967295"),
    ] {
        let canonical = format!("{{\"x\":{read},\"y\":null}}");
        assert_eq!(of(number), Some(canonical), "{number}");
    }
    for number in [
        "-1",
        "4294967296",
        "1.5",
        "1e-1",
        "1e400",
        "-1e400",
        "18446744073709551616",
        "NaN",
        "01",
        "+1",
        ".5",
        "1.",
        "\"1\"",
        "true",
        "null",
        "[1]",
    ] {
        assert_eq!(of(number), None, "{number}");
    }
}

#[derive(Presence)]
struct Numbers {
    #[serde(default)]
    byte: i8,
    #[presence(min = -9_007_199_254_740_991, max = 9_007_199_254_740_991)]
    #[serde(default)]
    long: i64,
    #[presence(min = -0.5, max = 0.1)]
    #[serde(default)]
    single: f32,
    #[presence(min = -1.5, max = 1e300)]
    #[serde(default)]
    double: f64,
}

#[test]
fn numbers_keep_their_bounds() {
    let said = |byte, long, single, double| {
        format!("{{\"byte\":{byte},\"long\":{long},\"single\":{single},\"double\":{double}}}")
    };
    let good = [
        (r#"{"byte":-128}"#, said("-128", "0", "0.0", "0.0")),
        (
            r#"{"long":-9007199254740991}"#,
            said("0", "-9007199254740991", "0.0", "0.0"),
        ),
        (
            r#"{"long":9.007199254740991e15}"#,
            said("0", "9007199254740991", "0.0", "0.0"),
        ),
        (r#"{"single":0.1}"#, said("0", "0", "0.1", "0.0")),
        (r#"{"single":-0.5}"#, said("0", "0", "-0.5", "0.0")),
        (r#"{"double":1e300}"#, said("0", "0", "0.0", "1e+300")),
        (r#"{"double":-1.5}"#, said("0", "0", "0.0", "-1.5")),
    ];
    for (json, canonical) in &good {
        assert_eq!(again::<Numbers>(json).as_ref(), Some(canonical), "{json}");
    }
    table::<Numbers>(
        &[],
        &[
            r#"{"byte":-129}"#,
            r#"{"byte":128}"#,
            r#"{"long":9007199254740992}"#,
            r#"{"long":-9007199254740992}"#,
            // It rounds to the f32 next to 0.1, which is allowed, but is itself above the bound.
            r#"{"single":0.1000000001}"#,
            r#"{"single":-0.50000001}"#,
            r#"{"single":1e39}"#,
            r#"{"double":1.0000000000000001e301}"#,
            r#"{"double":-1.5000000000000002}"#,
        ],
    );
}

#[derive(Presence)]
struct Words {
    #[presence(min_chars = 1, max_chars = 2)]
    word: String,
    #[presence(max_items = 2, max_chars = 1)]
    #[serde(default)]
    list: Vec<Option<String>>,
}

#[test]
fn strings_and_lists_keep_their_lengths() {
    table::<Words>(
        &[
            (r#"{"word":"a","list":[]}"#, "same"),
            (r#"{"word":"\u0061"}"#, r#"{"word":"a","list":[]}"#),
            (r#"{"word":"\t\n","list":["\r",null]}"#, "same"),
            // Two code points, four UTF-16 units, eight bytes.
            (r#"{"word":"👩🦰","list":["\"","\\"]}"#, "same"),
            (
                r#"{"word":"\ud83d\udc69"}"#,
                "{\"word\":\"👩\",\"list\":[]}",
            ),
        ],
        &[
            r#"{"word":""}"#,
            r#"{"word":"abc"}"#,
            r#"{"word":"\u0000"}"#,
            r#"{"word":"\u007f"}"#,
            r#"{"word":"\u001f"}"#,
            "{\"word\":\"\n\"}",
            r#"{"word":"\ud83d"}"#,
            r#"{"word":1}"#,
            r#"{"word":null}"#,
            r#"{"word":"a","list":null}"#,
            r#"{"word":"a","list":{}}"#,
            r#"{"word":"a","list":["a","b","c"]}"#,
            r#"{"word":"a","list":["ab"]}"#,
            r#"{"word":"a","list":[1]}"#,
        ],
    );
}

#[derive(Presence)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Tool {
    Pointer,
    Pen(Point),
    LineOf {
        line_width: u8,
        #[serde(default)]
        to: Option<Point>,
    },
    Nothing {},
    Maybe(Option<u8>),
}

#[test]
fn an_externally_tagged_enum_is_a_name_or_one_key() {
    table::<Tool>(
        &[
            (r#""pointer""#, "same"),
            (r#"{"pen":{"x":1,"y":null}}"#, "same"),
            (
                r#"{"lineOf":{"lineWidth":1,"to":{"x":1,"y":null}}}"#,
                "same",
            ),
            (
                r#"{"lineOf":{"lineWidth":1.0}}"#,
                r#"{"lineOf":{"lineWidth":1,"to":null}}"#,
            ),
            (r#"{"nothing":{}}"#, "same"),
            (r#"{"maybe":null}"#, "same"),
            (r#"{"maybe":7}"#, "same"),
        ],
        &[
            "0",
            "null",
            "[]",
            "{}",
            r#""Pointer""#,
            r#""pen""#,
            r#""nothing""#,
            r#""maybe""#,
            r#"["pointer"]"#,
            r#"{"pointer":null}"#,
            r#"{"pointer":{}}"#,
            r#"{"pen":[1,2]}"#,
            r#"{"pen":null}"#,
            r#"{"pen":{"x":1},"pointer":null}"#,
            r#"{"pen":{"x":1},"pen":{"x":1}}"#,
            r#"{"lineOf":[1]}"#,
            r#"{"lineOf":{"lineWidth":1,"lineWidth":1}}"#,
            r#"{"lineOf":{"lineWidth":256}}"#,
            r#"{"nothing":null}"#,
            r#"{"nothing":[]}"#,
            r#"{"nothing":{"x":1}}"#,
        ],
    );
}

#[derive(Presence)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Inside {
    Nothing,
    At(Point),
    Line { width: u8, tool: Option<Tool> },
    Nested { inside: Plain },
}

#[derive(Presence)]
#[serde(tag = "kind")]
enum Plain {
    A,
    B,
}

#[test]
fn an_internally_tagged_enum_is_an_object_with_its_tag_anywhere() {
    table::<Inside>(
        &[
            (r#"{"kind":"nothing"}"#, "same"),
            (r#"{"kind":"at","x":1,"y":2.5}"#, "same"),
            (
                r#"{"x":1.0,"y":2,"kind":"at"}"#,
                r#"{"kind":"at","x":1,"y":2.0}"#,
            ),
            (
                r#"{"y":2,"kind":"at","x":1}"#,
                r#"{"kind":"at","x":1,"y":2.0}"#,
            ),
            (r#"{"kind":"line","width":1,"tool":"pointer"}"#, "same"),
            (
                r#"{"tool":{"maybe":1e0},"kind":"line","width":1}"#,
                r#"{"kind":"line","width":1,"tool":{"maybe":1}}"#,
            ),
            (r#"{"kind":"nested","inside":{"kind":"B"}}"#, "same"),
            (
                r#"{"inside":{"kind":"B"},"kind":"nested"}"#,
                r#"{"kind":"nested","inside":{"kind":"B"}}"#,
            ),
        ],
        &[
            "{}",
            "\"nothing\"",
            r#"["nothing"]"#,
            r#"["at",{"x":1}]"#,
            r#"{"kind":0}"#,
            r#"{"kind":null}"#,
            r#"{"kind":{"nothing":null}}"#,
            r#"{"kind":"none"}"#,
            r#"{"kind":"nothing","x":1}"#,
            r#"{"x":1,"kind":"nothing"}"#,
            r#"{"kind":"nothing","kind":"nothing"}"#,
            r#"{"kind":"at","kind":"at","x":1}"#,
            r#"{"kind":"at","x":1,"kind":"at"}"#,
            r#"{"kind":"at","x":1,"x":1}"#,
            r#"{"x":1,"x":1,"kind":"at"}"#,
            r#"{"x":1,"kind":"at","x":1}"#,
            r#"{"z":1,"x":1,"kind":"at"}"#,
            r#"{"kind":"at"}"#,
            r#"{"kind":"line","width":1,"tool":{"pointer":null}}"#,
            r#"{"tool":{"pointer":null},"kind":"line","width":1}"#,
            r#"{"tool":{"pen":{"x":1,"x":1}},"kind":"line","width":1}"#,
            r#"{"tool":{"pen":[1]},"kind":"line","width":1}"#,
            // serde's buffer would take the index of a variant for its name.
            r#"{"inside":{"kind":1},"kind":"nested"}"#,
        ],
    );
}

#[derive(Presence)]
#[serde(tag = "t", content = "c")]
enum Beside {
    Nothing,
    Maybe(Option<u8>),
    At(Point),
    Line { width: u8 },
    List(#[presence(max_items = 1)] Vec<u8>),
}

#[test]
fn an_adjacently_tagged_enum_is_a_tag_and_a_content() {
    table::<Beside>(
        &[
            (r#"{"t":"Nothing"}"#, "same"),
            (r#"{"t":"Maybe","c":null}"#, "same"),
            (
                r#"{"c":{"x":1.0},"t":"At"}"#,
                r#"{"t":"At","c":{"x":1,"y":null}}"#,
            ),
            (r#"{"t":"Line","c":{"width":1}}"#, "same"),
            (r#"{"c":[1],"t":"List"}"#, r#"{"t":"List","c":[1]}"#),
        ],
        &[
            "{}",
            "\"Nothing\"",
            r#"["Nothing"]"#,
            r#"{"c":null}"#,
            r#"{"t":"Nothing","c":null}"#,
            r#"{"c":null,"t":"Nothing"}"#,
            r#"{"t":{"Nothing":null}}"#,
            r#"{"t":0}"#,
            r#"{"t":"Maybe"}"#,
            r#"{"t":"At","c":[1]}"#,
            r#"{"t":"At","c":{"x":1},"z":1}"#,
            r#"{"z":1,"t":"At","c":{"x":1}}"#,
            r#"{"t":"At","c":{"x":1},"c":{"x":1}}"#,
            r#"{"c":{"x":1},"t":"At","c":{"x":1}}"#,
            r#"{"c":{"x":1,"x":1},"t":"At"}"#,
            r#"{"t":"At","t":"At","c":{"x":1}}"#,
            r#"{"t":"Line","c":{"width":1,"z":1}}"#,
            r#"{"t":"List","c":[1,2]}"#,
        ],
    );
}

#[derive(Presence, PartialEq, Debug)]
#[serde(default)]
struct Defaults {
    a: u8,
    #[serde(default = "seven")]
    b: u8,
    c: Option<u8>,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            a: 1,
            b: 2,
            c: Some(3),
        }
    }
}

fn seven() -> u8 {
    7
}

#[test]
fn what_is_missing_is_the_nearest_default() {
    table::<Defaults>(
        &[
            ("{}", r#"{"a":1,"b":7,"c":3}"#),
            (r#"{"c":null}"#, r#"{"a":1,"b":7,"c":null}"#),
            (r#"{"b":0,"a":0}"#, r#"{"a":0,"b":0,"c":3}"#),
        ],
        &["null", "[]", r#"{"a":null}"#],
    );
}

#[derive(Presence)]
struct Bad {
    #[presence(min = 1)]
    #[serde(default)]
    level: u8,
}

#[derive(Presence)]
#[presence(topic = "bad")]
struct HoldsBad {
    inside: Option<Bad>,
}

#[test]
fn a_default_that_breaks_its_rule_is_found_at_the_start() {
    assert_eq!(again::<Bad>("{}"), None);
    assert_eq!(HoldsBad::bad_default(), Some("level"));
    let error = presence_runtime::Topics::new()
        .register::<HoldsBad>()
        .check()
        .expect_err("the default is 0, the rule says 1");
    assert_eq!(
        error.to_string(),
        "`HoldsBad`: the default of `level` breaks the rules of `level`"
    );
}

proptest! {
    // What other nodes and `decayed` read again must not drift, and JavaScript reads exactly too.
    #[test]
    fn floats_are_read_exactly(y in any::<f64>().prop_filter("finite", |y| y.is_finite())) {
        let said = Point { x: 1, y: Some(y) }.json();
        let mut deserializer = serde_json::Deserializer::from_str(&said);
        let read = Point::decode(&mut deserializer, &Rules::NONE).expect("valid");
        prop_assert_eq!(read.y, Some(y));
    }
}
