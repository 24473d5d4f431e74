use presence_runtime::Presence;

#[derive(Presence)]
struct Pair<T> {
    left: T,
    right: T,
}

#[derive(Presence)]
#[presence(topic = "pairs")]
struct Texts {
    pair: Pair<String>,
}

fn main() {}
