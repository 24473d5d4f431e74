use presence_runtime::Presence;

#[derive(Presence)]
struct Cursor {
    #[presence(min = 1.0, max = -1.0)]
    x: f64,
    #[presence(min_chars = 8, max_chars = 4)]
    label: String,
    #[presence(max_chars = 1_000_000)]
    text: String,
}

fn main() {}
