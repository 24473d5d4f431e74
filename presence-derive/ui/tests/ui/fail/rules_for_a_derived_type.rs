use presence_runtime::Presence;

#[derive(Presence)]
struct Cursor {
    #[presence(max = 3)]
    tool: Tool,
}

#[derive(Presence)]
enum Tool {
    Pen,
}

fn main() {}
