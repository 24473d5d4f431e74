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

fn told(older: &crate::schema::Schema, newer: &crate::schema::Schema) -> Vec<String> {
    let (older, newer) = (older.json_schema(), newer.json_schema());
    let changes = Comparison::of("Thing", &older, &newer).into_iter();
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
    // What is received is no contract of its own.
    std::fs::write(root.join("Thing.output.schema.json"), "{}").expect("a file");

    let topics = Topics::new().register::<Thing>();
    assert_eq!(diff(&topics, &one).expect("it is there"), []);
    let changes = diff(&topics, &root).expect("they are there");
    assert_eq!(changes, [whole("Gone", "is gone", true)]);
    std::fs::remove_file(&gone).expect("it is there");
    let more = Topics::new()
        .register::<Thing>()
        .register::<crate::schema::judge::derived::Plain>();
    let changes = diff(&more, &root).expect("it is there");
    assert_eq!(changes, [whole("Delete", "is new", false)]);

    std::fs::write(&gone, "{}").expect("a file");
    assert!(matches!(diff(&topics, &root), Err(Error::NoSchema(path)) if path == gone));
    assert!(matches!(
        diff(&topics, &root.join("nothing")),
        Err(Error::Disk { .. })
    ));
    std::fs::remove_dir_all(root).expect("the folder is ours");
}
