//! The verdict on a payload, beside serde_json alone and beside a schema validator.
//!
//! `cargo bench -p micro --bench validation -- --ratios` prints how they compare, one line of JSON a type: measured in turns, so
//! that what else the machine does falls on all alike.

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use criterion::Criterion;
use jsonschema::Validator;
use presence_runtime::schema::{Presence, Rules, Value};
use serde::{Deserialize, Serialize};
use topics::{Cursor, Selection, Status};

/// The topic types again, as serde alone reads them.
mod plain {
    use super::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Cursor {
        x: f64,
        y: f64,
        label: String,
        #[serde(default)]
        tool: Tool,
        #[serde(default)]
        typing: bool,
    }

    #[derive(Serialize, Deserialize, Default)]
    #[serde(rename_all = "camelCase")]
    enum Tool {
        #[default]
        Pointer,
        Pen,
        Eraser,
        Text,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Status {
        availability: Availability,
        #[serde(default)]
        message: String,
        emoji: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(tag = "state", rename_all = "snake_case")]
    enum Availability {
        Available,
        Busy { minutes: Option<u16> },
        DoNotDisturb,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Selection {
        ranges: Vec<Range>,
        active_range: Option<u8>,
    }

    #[derive(Serialize, Deserialize)]
    struct Range {
        anchor: u32,
        head: u32,
    }
}

/// A payload, and the ways to judge it.
struct Case {
    name: &'static str,
    json: &'static [u8],
    ways: [(&'static str, Way); 4],
}

type Way = Box<dyn Fn(&[u8]) -> bool>;

const SERDE: usize = 0;
const CHECKED: usize = 1;
const SCHEMA: usize = 3;

fn case<T: Presence, P: for<'de> Deserialize<'de>>(
    name: &'static str,
    schema: &str,
    json: &'static str,
) -> Case {
    let schema = serde_json::from_str(schema).expect("the emitted schema is JSON");
    let schema: Validator = jsonschema::validator_for(&schema).expect("and a schema");
    let ways: [(_, Way); 4] = [
        (
            "serde_json alone",
            Box::new(|json| black_box(serde_json::from_slice::<P>(json)).is_ok()),
        ),
        (
            "typed parse and checks",
            Box::new(|json| {
                // As `Value::parse` does it.
                std::str::from_utf8(json).is_ok_and(|text| {
                    let mut text = serde_json::Deserializer::from_str(text);
                    black_box(T::decode(&mut text, &Rules::NONE)).is_ok() && text.end().is_ok()
                })
            }),
        ),
        (
            "the same and canonical bytes",
            Box::new(|json| black_box(Value::parse(T::SCHEMA, json)).is_ok()),
        ),
        (
            "parse to a value, then a schema validator",
            Box::new(move |json| {
                let value = serde_json::from_slice(json);
                value.is_ok_and(|it| schema.is_valid(black_box(&it)))
            }),
        ),
    ];
    for (way, judge) in &ways {
        assert!(judge(json.as_bytes()), "{way} refuses a valid {name}");
    }
    Case {
        name,
        json: json.as_bytes(),
        ways,
    }
}

fn cases() -> [Case; 3] {
    [
        case::<Cursor, plain::Cursor>(
            "cursor",
            include_str!("../../../schemas/Cursor.schema.json"),
            r#"{"x":1234.5,"y":987.25,"label":"Ann","tool":"pen","typing":true}"#,
        ),
        case::<Status, plain::Status>(
            "status",
            include_str!("../../../schemas/Status.schema.json"),
            r#"{"availability":{"state":"busy","minutes":25},"message":"In a review, back at three","emoji":"🛠"}"#,
        ),
        case::<Selection, plain::Selection>(
            "selection",
            include_str!("../../../schemas/Selection.schema.json"),
            r#"{"ranges":[{"anchor":120,"head":164},{"anchor":1200,"head":1204},{"anchor":9000,"head":8990}],"activeRange":2}"#,
        ),
    ]
}

fn main() {
    if std::env::args().any(|it| it == "--ratios") {
        cases().iter().for_each(print_ratios);
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    for case in cases() {
        let mut group = criterion.benchmark_group(case.name);
        for (name, judge) in &case.ways {
            group.bench_function(*name, |b| b.iter(|| judge(black_box(case.json))));
        }
        group.finish();
    }
    criterion.final_summary();
}

/// The shortest of many short stretches is what a way takes when nothing else happens.
fn print_ratios(case: &Case) {
    const STRETCHES: usize = 400;
    const CALLS: u32 = 400;
    let mut best = [f64::MAX; 4];
    for _ in 0..STRETCHES {
        for (best, (_, judge)) in best.iter_mut().zip(&case.ways) {
            let start = Instant::now();
            for _ in 0..CALLS {
                black_box(judge(black_box(case.json)));
            }
            *best = best.min(start.elapsed().as_nanos() as f64 / f64::from(CALLS));
        }
    }
    let line = serde_json::json!({
        "type": case.name,
        "bytes": case.json.len(),
        "nanos": best.map(f64::round),
        "toSerde": best[CHECKED] / best[SERDE],
        "schemaToChecked": best[SCHEMA] / best[CHECKED],
    });
    writeln!(std::io::stdout(), "{line}").expect("somebody reads this");
}
