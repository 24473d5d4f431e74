//! What the example types say and accept.

use presence_runtime::schema::{Claims, Presence, Value};
use topics::{Availability, Cursor, Range, Reader, Selection, Status, Tool, Typing, topics};

fn said<T: Presence>(value: &T) -> String {
    String::from_utf8(Value::new(value).expect("valid").json().to_vec()).expect("JSON is UTF-8")
}

fn read<T: Presence>(json: &str) -> Option<T> {
    Value::parse(T::SCHEMA, json.as_bytes()).ok()?.read()
}

#[test]
fn a_cursor_is_said_in_camel_case_and_read_back() {
    let cursor = Cursor {
        x: 1.5,
        y: 100_000.0,
        label: "Ann".to_owned(),
        tool: Tool::Pen,
        typing: true,
    };
    let json = r#"{"x":1.5,"y":100000.0,"label":"Ann","tool":"pen","typing":true}"#;
    assert_eq!(said(&cursor), json);
    assert_eq!(read::<Cursor>(json), Some(cursor));
}

#[test]
fn what_has_a_default_may_be_missing() {
    let cursor: Cursor = read(r#"{"x":1,"y":2,"label":""}"#).expect("valid");
    assert_eq!((cursor.tool, cursor.typing), (Tool::Pointer, false));
    assert_eq!(read::<Typing>("{}"), Some(Typing::default()));
}

#[test]
fn what_decays_falls_back_alone() {
    let value = Value::parse(Typing::SCHEMA, br#"{"typing":true,"reply_to":7}"#).expect("valid");
    assert_eq!(value.decaying(), 1);
    let decayed = value.decayed(1);
    assert_eq!(decayed.decaying(), 0);
    assert_eq!(&decayed.json()[..], br#"{"typing":false,"reply_to":7}"#);
}

#[test]
fn a_status_carries_its_tag_inside() {
    let status = Status {
        availability: Availability::Busy { minutes: Some(5) },
        message: String::new(),
        emoji: None,
    };
    let json = r#"{"availability":{"state":"busy","minutes":5},"message":"","emoji":null}"#;
    assert_eq!(said(&status), json);
    assert_eq!(read::<Status>(json), Some(status.clone()));
    // The tag last is the same value.
    let late = r#"{"availability":{"minutes":5,"state":"busy"}}"#;
    assert_eq!(read::<Status>(late), Some(status));
}

#[test]
fn the_name_of_a_reader_is_the_logins_and_what_they_say_falls_back() {
    let json = br#"{"availability":{"state":"available"},"remark":"hello"}"#;
    let claims = Claims::none().with("name", "Ann");
    let stamped = Value::stamped(Reader::SCHEMA, json, &claims).expect("valid, and stamped");
    let decayed = stamped.decayed(stamped.decaying());
    let reader: Reader = decayed.read().expect("valid");
    assert_eq!((&*reader.name, &*reader.remark), ("Ann", ""));
    let own = br#"{"name":"Bo","availability":{"state":"available"}}"#;
    assert!(Value::stamped(Reader::SCHEMA, own, &claims).is_err());
}

#[test]
fn a_selection_has_at_most_sixteen_ranges() {
    let of = |count| Selection {
        ranges: vec![Range { anchor: 3, head: 1 }; count],
        active_range: None,
    };
    assert_eq!(read::<Selection>(&said(&of(16))), Some(of(16)));
    assert!(Value::new(&of(17)).is_err());
}

#[test]
fn topics_are_reached_by_their_parameters() {
    let topic = Cursor::topic(42).expect("valid");
    assert_eq!(topic.name().as_str(), "boards:42:cursors");
    assert!(Cursor::topic("a:b").is_err());
    let registered = topics();
    registered.check().expect("valid topics");
    let found = registered.of(topic.name()).map(|it| it.schema);
    assert_eq!(found, Some(Cursor::SCHEMA));
}
