//! Changes of every kind, and what they mean for older clients.

use super::*;
use crate::Presence;

/// The type of today under the name and topic of yesterday's.
macro_rules! evolution {
    ($($name:ident: $older:item => $newer:item => [$($told:literal),* $(,)?];)*) => {$(
        #[test]
        fn $name() {
            mod older {
                $older
            }
            mod newer {
                $newer
            }
            let told = told(<older::Thing as Presence>::SCHEMA, <newer::Thing as Presence>::SCHEMA);
            assert_eq!(told, [$($told),*] as [&str; _]);
        }
    )*};
}

fn seven() -> u8 {
    7
}

fn is_seven(number: &u8) -> bool {
    *number == 7
}

fn told(older: &crate::schema::Schema, newer: &crate::schema::Schema) -> Vec<String> {
    let contract = |of: &crate::schema::Schema| Contract {
        input: of.json_schema(),
        output: Some(of.output_schema()),
    };
    let changes = between("Thing", &contract(older), &contract(newer)).into_iter();
    let line = |it: Change| {
        let word = if it.is_breaking { "breaks" } else { "fits" };
        format!("{word} {}: {}", it.place, it.what)
    };
    changes.map(line).collect()
}

evolution! {
    docs_are_no_change:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { x: u8 }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        /// Documented.
        pub(super) struct Thing {
            /// From the left.
            x: u8,
        }
        => [];

    a_field_that_may_be_left_out_fits_and_one_that_may_not_breaks:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { x: u8, gone: bool }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing {
            x: u8,
            maybe: Option<u8>,
            #[serde(default)] more: bool,
            needed: bool,
        }
        => [
            "breaks /gone: is gone; older clients still send it",
            "fits /maybe: is new and may be left out",
            "fits /more: is new and may be left out",
            "breaks /needed: is new and has to be sent",
        ];

    what_has_to_be_sent:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { a: bool, #[serde(default)] b: bool, c: Option<bool>, d: bool }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { #[serde(default)] a: bool, b: bool, c: bool, d: Option<bool> }
        => [
            "fits /a: may be left out",
            "breaks /b: has to be sent",
            "breaks /c: has to be sent",
            "breaks /c: null is refused",
            "fits /d: may be left out",
            "breaks /d: may be null, which older clients do not expect",
        ];

    wider_bounds_fit_and_narrower_ones_break:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing {
            #[presence(min = 1, max = 9)] a: u8,
            #[presence(min = 1, max = 9)] b: u8,
            c: f64,
            #[presence(max_chars = 8)] d: String,
            #[presence(max_chars = 8)] e: String,
            #[presence(max_items = 2)] f: Vec<u8>,
        }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing {
            #[presence(max = 10)] a: u8,
            #[presence(min = 2, max = 8)] b: u8,
            #[presence(max = 0.5)] c: f64,
            #[presence(max_chars = 9)] d: String,
            #[presence(min_chars = 1, max_chars = 7)] e: String,
            #[presence(max_items = 1)] f: Vec<bool>,
        }
        => [
            "fits /a: at least 0, before 1",
            "fits /a: at most 10, before 9",
            "breaks /b: at least 2, before 1",
            "breaks /b: at most 8, before 9",
            "breaks /c: at most 0.5, before no bound",
            "fits /d: at most so many characters: 9, before 8",
            "breaks /e: at least so many characters: 1, before no bound",
            "breaks /e: at most so many characters: 7, before 8",
            "breaks /f: at most so many items: 1, before 2",
            "breaks /f/-: is a boolean, before an integer",
        ];

    units:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { #[presence(unit = "px")] a: f64, #[presence(unit = "px")] b: f64, c: f64 }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { #[presence(unit = "em")] a: f64, b: f64, #[presence(unit = "px")] c: f64 }
        => [
            "breaks /a: is in em, before px",
            "fits /b: is not said to be in px any longer",
            "fits /c: is said to be in px",
        ];

    kinds_of_numbers:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { a: u8, b: f64, c: u8 }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { #[presence(min = 0.0, max = 300.0)] a: f64, b: u8, c: bool }
        => [
            "fits /a: takes fractions",
            "fits /a: at most 300, before 255",
            "breaks /b: takes no fractions",
            "breaks /c: is a boolean, before an integer",
        ];

    variants_may_come_but_not_go:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        #[serde(tag = "is")]
        pub(super) enum Thing { A, B { x: u8 }, C }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        #[serde(tag = "is")]
        pub(super) enum Thing { A, B { x: u16, y: Option<u8> }, D }
        => [
            "fits /B/x: at most 65535, before 255",
            "fits /B/y: is new and may be left out",
            "breaks /C: is gone",
            "fits /D: is new; older clients do not know this variant",
        ];

    variants_change_what_they_carry:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) enum Thing { A, B(u8), C }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) enum Thing { A, B(u16), C { x: u8 } }
        => [
            "fits /B: at most 65535, before 255",
            "breaks /C: carries something, before nothing",
        ];

    another_tag_breaks:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        #[serde(tag = "is")]
        pub(super) enum Thing { A, B { x: u8 } }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        #[serde(tag = "kind")]
        pub(super) enum Thing { A, B { x: u8 } }
        => ["breaks : its tag is `kind`, before `is`"];

    what_is_received:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing {
            #[serde(default)] a: u8,
            b: Option<u8>,
            #[presence(server = "role")] #[serde(default)] c: u8,
            #[presence(server = "role")] #[serde(default)] d: u8,
            #[presence(server = "role")] #[serde(default)] e: u8,
            f: u8,
        }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing {
            #[serde(default, skip_serializing_if = "super::is_seven")] a: u8,
            #[serde(skip_serializing_if = "Option::is_none")] b: Option<u8>,
            #[presence(server = "role", max_chars = 8)] #[serde(default)] c: String,
            #[serde(default)] e: u8,
            #[presence(server = "role")] #[serde(default)] f: u8,
            #[presence(server = "role")] #[serde(default)] g: bool,
        }
        => [
            "breaks /f: is gone; older clients still send it",
            "fits /e: is new and may be left out",
            "breaks /a: may be missing, which older clients do not expect",
            "breaks /b: may be missing, which older clients do not expect",
            "breaks /c: is a string, before an integer",
            "breaks /d: is gone; older clients expect it",
            "fits /g: is new and set by the server",
        ];

    lists_of_a_fixed_length:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing {
            a: [u8; 3],
            b: [u8; 2],
            c: [f64; 2],
            #[presence(max_items = 3)] d: Vec<u8>,
            #[presence(max_items = 2, max_chars = 3)] e: std::collections::BTreeMap<String, u8>,
        }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing {
            a: [u16; 4],
            b: [u16; 2],
            c: (f64, f64),
            d: [u8; 3],
            #[presence(max_items = 3, max_chars = 2)] e: std::collections::BTreeMap<String, bool>,
        }
        => [
            "breaks /a: has 4 items, before 3",
            "fits /b/-: at most 65535, before 255",
            "breaks /d: is an array of fixed length, before an array",
            "fits /e: at most so many items: 3, before 2",
            "breaks /e: at most so many characters: 2, before 3",
            "breaks /e/-: is a boolean, before an integer",
        ];

    types_inside_of_themselves:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}", max_bytes = 32_000)]
        pub(super) struct Thing {
            x: u8,
            left: Option<Box<Self>>,
        }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}", max_bytes = 32_000)]
        pub(super) struct Thing {
            #[presence(max = 9)] x: u8,
            left: Option<Box<Self>>,
        }
        => ["breaks /x: at most 9, before 255"];

    what_no_schema_says:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { #[presence(server = "role")] #[serde(default)] x: u8 }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { #[presence(server = "rank")] #[serde(default)] x: u8 }
        => ["fits : means something else, in what its schemas do not say"];

    defaults_and_decays_fit:
        #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { #[serde(default)] #[presence(decay = "3s")] a: bool, #[serde(default)] b: u8 }
        => #[derive(crate::Presence)]
        #[presence(topic = "things:{thing}")]
        pub(super) struct Thing { #[serde(default)] #[presence(decay = "5s")] a: bool, #[serde(default = "super::seven")] b: u8 }
        => [
            "fits : `a` decays after 5000 ms, before 3000",
            "fits /b: defaults to 7, before 0",
        ];
}

#[derive(crate::Presence)]
#[presence(topic = "things", max_bytes = 64, ttl = "40s", name = "Thing")]
struct Elsewhere {
    x: u8,
}

#[derive(crate::Presence)]
#[presence(topic = "things:{thing}")]
struct Thing {
    x: u8,
}

#[derive(crate::Presence)]
#[presence(topic = "things:{of}", max_ttl = "2min", max_bytes = 2048)]
struct Things {
    x: u8,
}

#[test]
fn parameters_have_names_only_here() {
    assert_eq!(
        told(Thing::SCHEMA, Things::SCHEMA),
        [
            "fits : its topics are \"things:{of}\", before \"things:{thing}\"",
            "breaks : maxTtlMs is 120000, before 300000",
            "fits : maxBytes is 2048, before 1024",
        ]
    );
}

#[test]
fn the_topic_and_its_figures() {
    assert_eq!(
        told(Thing::SCHEMA, Elsewhere::SCHEMA),
        [
            "breaks : its topics are \"things\", before \"things:{thing}\"",
            "fits : ttlMs is 40000, before 30000",
            "breaks : maxBytes is 64, before 1024",
        ]
    );
}

#[test]
fn files_and_folders_are_compared() {
    let root = std::env::temp_dir().join(format!("presence-diff-{}", std::process::id()));
    std::fs::create_dir_all(&root).expect("a folder for temporary files");
    let one = root.join("Thing.schema.json");
    let gone = root.join("Gone.schema.json");
    let thing = Thing::SCHEMA.json_schema();
    let mut other = thing.clone();
    other["title"] = "Gone".into();
    std::fs::write(&one, thing.to_string()).expect("a file");
    std::fs::write(&gone, other.to_string()).expect("a file");
    let output = root.join("Thing.output.schema.json");

    let topics = Topics::new().register::<Thing>();
    assert_eq!(diff(&topics, &one).expect("it is there"), []);
    // What is received is no contract of its own, and says more where it stands beside.
    let received = Thing::SCHEMA.output_schema();
    std::fs::write(&output, received.to_string()).expect("a file");
    assert_eq!(diff(&topics, &one).expect("they are there"), []);
    let changes = diff(&topics, &root).expect("they are there");
    assert_eq!(changes, [whole("Gone", "is gone".to_owned(), true)]);
    let renamed = Topics::new().register::<Elsewhere>().register::<Things>();
    let changes = diff(&renamed, &gone).expect("it is there");
    let called = "is called `Things` now".to_owned();
    assert_eq!(changes[0], whole("Gone", called, false));
    assert_eq!(changes.len(), 4);
    std::fs::remove_file(&gone).expect("it is there");
    let more = Topics::new()
        .register::<Thing>()
        .register::<crate::schema::judge::derived::Plain>();
    let changes = diff(&more, &root).expect("it is there");
    assert_eq!(changes, [whole("Delete", "is new".to_owned(), false)]);

    std::fs::write(&output, "{}").expect("a file");
    assert!(matches!(diff(&topics, &one), Err(Error::NoSchema(path)) if path == output));
    std::fs::remove_file(&output).expect("it is there");
    std::fs::write(&gone, "{}").expect("a file");
    assert!(matches!(diff(&topics, &root), Err(Error::NoSchema(path)) if path == gone));
    assert!(matches!(
        diff(&topics, &root.join("nothing")),
        Err(Error::Disk { .. })
    ));
    std::fs::remove_dir_all(root).expect("the folder is ours");
}
