use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "boards::{board}-x:{board}:{board}:{2}:a b")]
struct Cursor {
    x: f64,
}

#[derive(Presence)]
#[presence(topic = "ws")]
struct Reserved {
    x: f64,
}

#[derive(Presence)]
#[presence(topic = "")]
struct Empty {
    x: f64,
}

fn main() {}
