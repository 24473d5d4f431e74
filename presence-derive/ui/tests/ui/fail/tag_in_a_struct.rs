use presence_runtime::Presence;

#[derive(Presence)]
#[serde(tag = "type")]
enum Tool {
    Inner(Inner),
}

#[derive(Presence)]
struct Inner {
    r#type: f64,
}

fn main() {}
