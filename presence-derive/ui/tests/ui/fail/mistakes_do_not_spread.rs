use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "boards:{board}:cursors")]
struct Cursor {
    label: String,
    at: Point,
}

#[derive(Presence)]
struct Point {
    #[presence(maxx = 1.0)]
    x: f64,
}

fn used() {
    let _ = Cursor::topic(1);
    let _ = presence_runtime::Topics::new().register::<Cursor>();
}

fn main() {}
