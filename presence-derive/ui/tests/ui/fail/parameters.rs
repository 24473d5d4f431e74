use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "boards:{board}:cursors")]
struct Cursor {
    x: f64,
}

fn topics() {
    let _ = Cursor::topic();
    let _ = Cursor::topic(1, 2);
    let _ = Cursor::topic(Vec::<u8>::new());
}

fn main() {}
