use presence_runtime::Presence;

#[derive(Presence)]
#[presence(ttl = "30s", max_bytes = 64)]
struct Cursor {
    x: f64,
}

fn main() {}
