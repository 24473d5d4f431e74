use presence_runtime::Presence;

#[derive(Presence)]
struct Node {
    #[presence(max_items = 2)]
    children: Vec<Node>,
    #[presence(max_items = 2)]
    others: Vec<Self>,
}

fn main() {}
