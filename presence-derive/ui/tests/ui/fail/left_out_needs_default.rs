use presence_runtime::Presence;

struct Connection;

#[derive(Presence)]
struct Cursor {
    x: u32,
    #[serde(skip)]
    connection: Connection,
    #[serde(default, skip_serializing_if = "is_short")]
    length: u32,
}

fn is_short(text: &str) -> bool {
    text.len() < 3
}

fn main() {}
