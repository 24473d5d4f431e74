use presence_runtime::Presence;

const MAX: f64 = 1.0;

#[derive(Presence)]
#[presence(topic = 7, ttl = 30, max_ttl = "5 minutes", grace, max_bytes = "512", max_members = -1)]
struct Cursor {
    #[presence(max = MAX, min = 1e400)]
    x: f64,
    #[presence(max_chars = 1.5)]
    #[serde(default = 3)]
    label: String,
}

fn main() {}
