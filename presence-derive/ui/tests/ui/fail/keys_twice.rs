use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "a", ttl = "30s", ttl = "40s")]
struct Cursor {
    #[presence(min = 0.0)]
    #[presence(min = 1.0)]
    x: f64,
}

fn main() {}
