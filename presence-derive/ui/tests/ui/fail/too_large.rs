use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "a", max_bytes = 64)]
struct Cursor {
    #[presence(max_chars = 46)]
    a: String,
    b: f64,
}

#[derive(Presence)]
#[presence(topic = "b")]
struct Large {
    #[presence(max_items = 100)]
    points: Vec<Point>,
}

#[derive(Presence)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Presence)]
#[presence(topic = "c", max_bytes = 16)]
enum Tool {
    Pen,
    Text(#[presence(max_chars = 4)] String),
}

fn main() {}
