use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "chains")]
struct Endless {
    next: Box<Self>,
}

#[derive(Presence)]
struct Pair<T> {
    left: T,
    right: T,
}

#[derive(Presence)]
struct Hidden {
    pair: Option<Box<Pair<Hidden>>>,
}

#[derive(Presence)]
#[presence(topic = "trees", max_bytes = 4096)]
struct Wide {
    x: u32,
    #[presence(max_items = 8)]
    children: Vec<Wide>,
}

fn main() {}
