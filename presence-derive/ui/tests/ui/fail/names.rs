use presence_runtime::Presence;

#[derive(Presence)]
#[presence(name = "my cursor")]
struct Cursor {
    x: f64,
}

fn main() {}
