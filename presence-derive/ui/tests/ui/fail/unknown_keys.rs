use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "a", tll = "30s", decay = "3s")]
struct Cursor {
    #[presence(maxx = 1.0, ttl = "30s")]
    x: f64,
}

fn main() {}
