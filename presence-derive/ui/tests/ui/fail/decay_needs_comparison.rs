use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "a")]
struct Cursor {
    #[presence(decay = "3s")]
    #[serde(default)]
    tool: Tool,
}

#[derive(Presence, Default)]
enum Tool {
    #[default]
    Pen,
}

fn main() {}
