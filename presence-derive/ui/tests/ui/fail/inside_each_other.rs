use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "documents")]
struct Block {
    #[presence(max_items = 2)]
    lines: Vec<Line>,
}

#[derive(Presence)]
struct Line {
    block: Option<Box<Block>>,
}

fn main() {}
