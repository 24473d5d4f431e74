//! Types of every kind are rendered, disagreement is noticed, and files are kept up to date.

use std::fs;

use serde::{Deserializer, Serializer};

use super::*;
use crate::schema::judge::derived;
use crate::schema::{
    Declaration, Field, Presence, Rules, Schema, Segment, Settings, Shape, Struct, Wire,
};

fn topics() -> Topics {
    Topics::new()
        .register::<derived::Kinds>()
        .register::<derived::Choice>()
        .register::<derived::Plain>()
        .register::<derived::Nests>()
        .register::<derived::Line>()
        .register::<derived::Tree>()
        .register::<derived::Chain>()
        .register::<derived::Sparse>()
        .register::<derived::Forms>()
        .register::<derived::Generics>()
        .register::<derived::Claims>()
}

#[test]
fn schemars_and_ts_rs_agree_with_the_shape_on_every_kind_of_type() {
    let files = render(&topics()).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<_> = files.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Kinds.schema.json",
            "Kinds.output.schema.json",
            "Choice.schema.json",
            "Choice.output.schema.json",
            "Delete.schema.json",
            "Delete.output.schema.json",
            "Nests.schema.json",
            "Nests.output.schema.json",
            "Line.schema.json",
            "Line.output.schema.json",
            "Tree.schema.json",
            "Tree.output.schema.json",
            "Chain.schema.json",
            "Chain.output.schema.json",
            "Sparse.schema.json",
            "Sparse.output.schema.json",
            "Forms.schema.json",
            "Forms.output.schema.json",
            "Generics.schema.json",
            "Generics.output.schema.json",
            "Claims.schema.json",
            "Claims.output.schema.json",
            "openapi.json",
            "Kinds.ts",
            "Choice.ts",
            "Delete.ts",
            "Nests.ts",
            "Line.ts",
            "Tree.ts",
            "Chain.ts",
            "Sparse.ts",
            "Forms.ts",
            "Generics.ts",
            "Claims.ts",
            "Point.ts",
            "Tool.ts",
            "Mixed.ts",
            "Beside.ts",
            "Inside.ts",
            "Nothing.ts",
            "Deeper.ts",
            "AllDefault.ts",
            "Label.ts",
            "Labels.ts",
            "Level.ts",
            "Sum.ts",
            "SparseInside.ts",
            "Hex.ts",
            "Odd.ts",
            "PairU8.ts",
            "PairPoint.ts",
            "PairOptionBool.ts",
            "KeyedLabelPairI8.ts",
            "PairI8.ts",
            "WrappedTool.ts",
            "descriptor.ts",
            "schema.ts",
            "index.ts",
        ]
    );
    assert_eq!(render(&topics()).ok(), Some(files));
}

/// A topic type whose shape is written by hand and says `{"x": 0 to 10, "n": u8}`.
macro_rules! by_hand {
    ($($type:ident)*) => {$(
        impl Wire for $type {
            const SHAPE: &'static Shape = &Shape::Struct(&Struct {
                name: stringify!($type),
                docs: "",
                fields: &[
                    Field {
                        rules: Rules { min: Some(0.0), max: Some(10.0), ..Rules::NONE },
                        ..Field::new("x", f64::SHAPE)
                    },
                    Field::new("n", u8::SHAPE),
                ],
            });

            fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_unit()
            }

            fn decode<'de, D: Deserializer<'de>>(_: D, _: &Rules) -> Result<Self, D::Error> {
                Err(serde::de::Error::custom("only codegen is tested"))
            }

            fn keeps(&self, _: &Rules) -> bool {
                true
            }
        }

        impl Presence for $type {
            const SCHEMA: &'static Schema = &Schema::of::<Self>(Declaration {
                name: stringify!($type),
                version: None,
                segments: &[Segment::Literal(stringify!($type))],
                settings: Settings::DEFAULT,
                decays: &[],
            });

            type Parameters = [String; 0];
        }
    )*};
}

by_hand!(Honest OtherRange OtherNeed OtherKey OtherDocs OtherType);

#[derive(schemars::JsonSchema, ts_rs::TS)]
#[schemars(deny_unknown_fields)]
#[allow(
    dead_code,
    reason = "only its derives are of interest, as with those below"
)]
struct Honest {
    #[schemars(range(min = 0, max = 10))]
    x: f64,
    n: u8,
}

#[derive(schemars::JsonSchema, ts_rs::TS)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct OtherRange {
    #[schemars(range(min = 0, max = 11))]
    x: f64,
    n: u8,
}

#[derive(schemars::JsonSchema, ts_rs::TS)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct OtherNeed {
    #[schemars(range(min = 0, max = 10))]
    x: f64,
    #[schemars(default)]
    n: u8,
}

#[derive(schemars::JsonSchema, ts_rs::TS)]
#[allow(dead_code)]
struct OtherKey {
    #[schemars(range(min = 0, max = 10))]
    x: f64,
    n: u8,
}

#[derive(schemars::JsonSchema, ts_rs::TS)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct OtherDocs {
    /// Undocumented in the shape.
    #[schemars(range(min = 0, max = 10))]
    x: f64,
    n: u8,
}

#[derive(schemars::JsonSchema, ts_rs::TS)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct OtherType {
    #[schemars(range(min = 0, max = 10))]
    x: f64,
    #[ts(type = "string")]
    n: u8,
}

fn refusal<T: Presence>() -> String {
    match render(&Topics::new().register::<T>()) {
        Ok(_) => "rendered".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_disagreement_is_named_with_its_place() {
    assert_eq!(refusal::<Honest>(), "rendered");
    assert_eq!(
        refusal::<OtherRange>(),
        "`OtherRange`: schemars and the shape disagree at `/properties/x/maximum`\n  \
         schemars: 11\n  shape:    10"
    );
    assert!(refusal::<OtherNeed>().contains("disagree at `/properties/n/default`"));
    assert!(refusal::<OtherKey>().contains("disagree at `/additionalProperties`"));
    assert!(refusal::<OtherDocs>().contains("disagree at `/properties/x/description`"));
    assert_eq!(
        refusal::<OtherType>(),
        "`OtherType`: ts-rs and the shape disagree\n  \
         ts-rs: type OtherType = { x : number , n : string }\n  \
         shape: type OtherType = { x : number , n : number }"
    );
}

mod other {
    #[derive(crate::Presence)]
    #[presence(topic = "other")]
    pub(super) struct Other {
        pub(super) tool: Tool,
    }

    #[derive(crate::Presence)]
    pub(super) enum Tool {
        Brush,
    }

    #[derive(crate::Presence)]
    #[presence(topic = "texts")]
    pub(super) struct Texts {
        pub(super) label: Label,
    }

    /// Looks like the other one, and may be longer.
    #[derive(crate::Presence)]
    pub(super) struct Label(#[presence(max_chars = 99)] String);
}

/// `KeyOf` with its parameter, which the derive cannot see.
#[derive(crate::Presence)]
struct Key<T> {
    of: T,
}

#[derive(crate::Presence)]
struct Of {}

#[derive(crate::Presence)]
#[presence(topic = "keys")]
struct Keys {
    key: Key<Of>,
}

#[derive(crate::Presence)]
#[presence(topic = "doors:{door}")]
struct Door {
    open: bool,
}

#[derive(crate::Presence)]
#[presence(topic = "plans:{plan}")]
struct DoorSchema {
    open: bool,
}

#[derive(crate::Presence)]
#[presence(topic = "clash")]
struct PointInput {
    point: derived::Point,
}

#[test]
fn a_file_has_one_type() {
    let two_tools = Topics::new()
        .register::<derived::Plain>()
        .register::<other::Other>();
    assert!(matches!(render(&two_tools), Err(Error::Name(name)) if name == "Tool"));
    let two_labels = Topics::new()
        .register::<derived::Nests>()
        .register::<other::Texts>();
    assert!(matches!(render(&two_labels), Err(Error::Name(name)) if name == "Label"));
    assert!(refusal::<PointInput>().contains("named `PointInput`"));
    assert!(refusal::<Keys>().contains("cannot be named `KeyOf`"));
    let two_schemas = Topics::new().register::<Door>().register::<DoorSchema>();
    assert!(matches!(render(&two_schemas), Err(Error::Export(name)) if name == "doorSchema"));
}

#[test]
fn files_are_kept_up_to_date() {
    let root = std::env::temp_dir().join(format!("presence-codegen-{}", std::process::id()));
    let folders = Folders {
        schemas: root.join("schemas"),
        generated: root.join("nested/generated"),
    };
    let topics = topics();
    let check = |topics: &Topics| check(topics, &folders).expect("the folders can be read");
    let write = |topics: &Topics| write(topics, &folders).expect("the folders can be written");

    assert!(
        check(&topics)
            .iter()
            .all(|(_, drift)| *drift == Drift::Missing)
    );
    assert_eq!(write(&topics).len(), render(&topics).expect("valid").len());
    assert_eq!(check(&topics), []);
    assert_eq!(write(&topics), []);

    let edited = folders.generated.join("Point.ts");
    fs::write(&edited, "type Point = never;").expect("the file is there");
    let foreign = folders.generated.join("mine.ts");
    fs::write(&foreign, "export {};").expect("the folder is there");
    assert_eq!(check(&topics), [(edited.clone(), Drift::Differs)]);
    assert_eq!(write(&topics), [(edited, Drift::Differs)]);

    let fewer = Topics::new().register::<derived::Plain>();
    let left_over = check(&fewer);
    assert!(left_over.contains(&(folders.schemas.join("Kinds.schema.json"), Drift::LeftOver)));
    assert!(left_over.contains(&(folders.generated.join("Kinds.ts"), Drift::LeftOver)));
    write(&fewer);
    assert_eq!(check(&fewer), []);
    assert!(!folders.generated.join("Kinds.ts").exists());
    assert!(foreign.exists());
    fs::remove_dir_all(root).expect("the folders are ours");
}
