use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "a", ttl = "500ms", max_ttl = "48h", grace = "2h", throttle = "2s", max_bytes = 1, max_members = 0)]
struct Cursor {
    x: f64,
}

#[derive(Presence)]
#[presence(topic = "b", ttl = "10min")]
struct Longer {
    x: f64,
}

#[derive(Presence)]
#[presence(topic = "c", ttl = "2min", max_ttl = "1min")]
struct Crossed {
    x: f64,
}

fn main() {}
