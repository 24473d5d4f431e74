use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "a", max_bytes = 4096)]
struct Outer {
    #[presence(max_items = 1)]
    list: Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Inner>>>>>>>>>>>>>>>,
}

#[derive(Presence)]
struct Inner {}

fn main() {}
