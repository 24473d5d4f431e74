//! What a type may be, in a crate that depends on presence-runtime alone.

#![deny(warnings, missing_docs)]
#![allow(dead_code)]

mod inner {
    use presence_runtime::Presence;

    /// A public type with a private neighbour.
    #[derive(Presence, Debug, Clone, PartialEq)]
    #[presence(topic = "rooms:{room}:{type}:all", ttl = "1h", max_ttl = "2h", name = "Everything")]
    #[presence(grace = "0s", throttle = "0ms", max_bytes = 8192, max_members = 5)]
    #[serde(rename_all = "SCREAMING-KEBAB-CASE", deny_unknown_fields)]
    pub struct All {
        /// Docs.
        pub r#type: bool,
        pub(crate) a: u8,
        b: u16,
        c: Option<u32>,
        #[presence(min = 0, max = 9_007_199_254_740_991)]
        d: u64,
        #[presence(min = -5, max = 5)]
        e: ::core::option::Option<i64>,
        f: i8,
        g: i16,
        h: i32,
        #[presence(min = -0.5, max = 0.1)]
        i: f32,
        #[presence(max = 1e300)]
        j: f64,
        #[presence(min_chars = 1, max_chars = 3)]
        k: std::string::String,
        #[presence(max_items = 2, max_chars = 3)]
        #[serde(default = "some")]
        l: Vec<Option<String>>,
        #[presence(max_items = 2, min = 1)]
        m: Option<Vec<Vec<u8>>>,
        #[serde(default)]
        #[presence(decay = "250ms")]
        n: Choice,
        #[serde(rename = "with \"quotes\"")]
        o: Internal,
        p: Adjacent,
        q: Nothing,
        #[presence(max_chars = 3)]
        r: Alias,
        #[deprecated]
        s: bool,
    }

    type Alias = Option<String>;

    fn some() -> Vec<Option<String>> {
        vec![None]
    }

    #[derive(Presence, Debug, Clone, PartialEq, Default)]
    enum Choice {
        #[default]
        None,
        Some(u8),
        Ok {
            value: bool,
            /// Has the name of a variable in the expansion.
            map: u8,
        },
        Err(#[presence(max_chars = 3)] String),
    }

    #[derive(Presence, Debug, Clone, PartialEq)]
    #[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
    enum Internal {
        Unit,
        Struct { field_one: u8, r#type: Option<bool> },
        #[serde(rename = "in", rename_all = "snake_case")]
        Inside { field_one: u8 },
        Newtype(Nothing),
    }

    #[derive(Presence, Debug, Clone, PartialEq)]
    #[serde(tag = "t", content = "c")]
    enum Adjacent {
        Unit,
        Newtype(Option<Nothing>),
        Struct { x: f64 },
    }

    #[derive(Presence, Debug, Clone, PartialEq)]
    struct Nothing {}

    /// Names of ours and of the prelude are the user's.
    #[derive(Presence, Clone, PartialEq, Default)]
    #[serde(default)]
    struct Result {
        fields: u8,
        map: u8,
        serializer: u8,
        field: u8,
        given: u8,
    }
}

/// Serde's derives beside ours, and a topic without parameters.
#[derive(presence_runtime::Presence, serde::Serialize, serde::Deserialize)]
#[presence(topic = "lobby", crate = "presence_runtime")]
#[serde(rename_all = "camelCase", deny_unknown_fields, crate = "serde")]
struct Both {
    #[serde(default)]
    is_here: bool,
}

/// A type inside a function.
fn local() {
    #[derive(presence_runtime::Presence)]
    #[presence(topic = "local:{id}")]
    struct Local {
        here: Here,
    }
    #[derive(presence_runtime::Presence)]
    enum Here {
        Yes,
    }
    assert!(Local::topic("1").is_ok());
}

/// Fields that come out of a macro.
macro_rules! point {
    ($name:ident, $type:ty) => {
        /// A point.
        #[derive(presence_runtime::Presence)]
        struct $name {
            x: $type,
            y: Option<$type>,
        }
    };
}
point!(Point, f64);

fn main() {
    local();
    let topics = presence_runtime::Topics::new()
        .register::<inner::All>()
        .register::<Both>();
    topics.check().expect("valid topics");
    let topic = inner::All::topic(1, "x").expect("valid parameters");
    assert_eq!(topic.name().as_str(), "rooms:1:x:all");
    assert_eq!(Both::topic().expect("valid").name().as_str(), "lobby");
}
