use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "a")]
struct Cursor {
    #[serde(default)]
    tool: Tool,
}

#[derive(Presence)]
enum Tool {
    Pen,
}

#[derive(Presence)]
#[serde(default)]
struct Status {
    x: f64,
}

fn main() {}
