use presence_runtime::Presence;

#[derive(Presence)]
#[serde(tag = "type")]
enum Tool {
    Width(u32),
    Points(#[presence(max_items = 3)] Vec<f64>),
}

#[derive(Presence)]
#[serde(tag = "type")]
enum Outer {
    Inner(Inner),
}

#[derive(Presence)]
enum Inner {
    A,
}

fn main() {}
