use presence_runtime::Presence;

#[derive(Default)]
struct Point {
    x: f64,
}

#[derive(Presence)]
#[presence(topic = "a")]
struct Cursor {
    at: Point,
    #[presence(max_items = 3)]
    path: Vec<Point>,
    #[serde(default)]
    last: Option<Point>,
}

#[derive(Presence)]
enum Tool {
    Pen(Point),
    Line { from: Point },
}

fn main() {}
