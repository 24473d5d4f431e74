//! The size that the compiler proves of each type: some value comes close to it, none exceeds it.

use presence_runtime::Presence;
use presence_runtime::schema::Value;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use topics::{
    Availability, Cursor, Note, Notes, Range, Reader, Selection, Status, Tool, Typing, Viewport,
};

fn length<T: Presence>(value: &T) -> usize {
    Value::new(value).expect("valid").json().len()
}

fn bound<T: Presence>() -> usize {
    T::SCHEMA.max_json().expect("topic types have a bound")
}

/// The value is at most `slack` bytes shorter than the bound.
fn close<T: Presence>(value: &T, slack: usize) {
    let (length, bound) = (length(value), bound::<T>());
    assert!(
        (bound - slack..=bound).contains(&length),
        "{length} bytes, bound {bound}"
    );
}

#[test]
fn the_longest_values_come_close() {
    // A byte for the sign of each coordinate, which the rules forbid.
    let long = Cursor {
        x: 2.225_073_858_507_201_4e-308,
        y: 2.225_073_858_507_201_4e-308,
        label: "🦀".repeat(32),
        tool: Tool::Pointer,
        typing: false,
    };
    close(&long, 2);
    let busy = Availability::Busy {
        minutes: Some(1_440),
    };
    let long = Status {
        availability: busy,
        message: "🦀".repeat(140),
        emoji: Some("🦀".repeat(16)),
    };
    close(&long, 0);
    let long = Typing {
        typing: false,
        reply_to: Some(9_007_199_254_740_991),
    };
    close(&long, 0);
    let range = Range {
        anchor: u32::MAX,
        head: u32::MAX,
    };
    let long = Selection {
        ranges: vec![range; 16],
        active_range: None,
    };
    close(&long, 0);
    let far = 12_345.678_901_234_567;
    let long = Viewport {
        x: far,
        y: far,
        width: far,
        height: far,
    };
    // No number that is this long has an exponent as well, where it is at least one.
    close(&long, 32);
    let note = Note {
        id: u32::MAX,
        x: 2.225_073_858_507_201_4e-308,
        y: 2.225_073_858_507_201_4e-308,
        text: "🦀".repeat(100),
    };
    let long = Notes {
        notes: vec![note; 4],
    };
    // A byte for the sign of each coordinate, which the rules forbid.
    close(&long, 8);
    let long = Reader {
        name: "🦀".repeat(32),
        availability: Availability::Busy {
            minutes: Some(1_440),
        },
        message: "🦀".repeat(80),
        remark: "🦀".repeat(140),
    };
    close(&long, 0);
}

/// Characters of every length in UTF-8, and those that JSON escapes.
fn text(most: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        Just('"'),
        Just('\\'),
        Just('\n'),
        Just('🦀'),
        any::<char>().prop_filter("no control character", |c| !c.is_control()),
    ];
    vec(character, 1..=most).prop_map(String::from_iter)
}

fn coordinate() -> impl Strategy<Value = f64> {
    prop_oneof![
        0.0..=100_000.0,
        (0.0..=1.0_f64).prop_map(|it| it * f64::MIN_POSITIVE)
    ]
}

proptest! {
    #[test]
    fn no_cursor_exceeds_the_bound(x in coordinate(), y in coordinate(), label in text(32)) {
        let cursor = Cursor { x, y, label, tool: Tool::Eraser, typing: true };
        prop_assert!(length(&cursor) <= bound::<Cursor>());
    }

    #[test]
    fn no_status_exceeds_the_bound(
        minutes in option::of(0..=1_440_u16),
        message in text(140),
        emoji in option::of(text(16)),
    ) {
        let availability = Availability::Busy { minutes };
        let status = Status { availability, message, emoji };
        prop_assert!(length(&status) <= bound::<Status>());
    }

    #[test]
    fn no_selection_exceeds_the_bound(
        ranges in vec((any::<u32>(), any::<u32>()), 0..=16),
        active_range in option::of(0..=15_u8),
    ) {
        let ranges = ranges.into_iter().map(|(anchor, head)| Range { anchor, head }).collect();
        let selection = Selection { ranges, active_range };
        prop_assert!(length(&selection) <= bound::<Selection>());
    }

    #[test]
    fn no_viewport_exceeds_the_bound(x in coordinate(), y in coordinate(), width in 1.0..=100_000.0_f64, height in 1.0..=100_000.0_f64) {
        let viewport = Viewport { x, y, width, height };
        prop_assert!(length(&viewport) <= bound::<Viewport>());
    }

    #[test]
    fn no_notes_exceed_the_bound(notes in vec((any::<u32>(), coordinate(), coordinate(), text(100)), 0..=4)) {
        let notes = notes.into_iter().map(|(id, x, y, text)| Note { id, x, y, text }).collect();
        let notes = Notes { notes };
        prop_assert!(length(&notes) <= bound::<Notes>());
    }
}
