use presence_runtime::Presence;

#[derive(Presence)]
struct Cursor {
    label: String,
    tags: Option<Vec<String>>,
    #[presence(max_items = 3)]
    points: Vec<f64>,
}

#[derive(Presence)]
enum Tool {
    Text(String),
    Path { points: Vec<f64> },
}

fn main() {}
