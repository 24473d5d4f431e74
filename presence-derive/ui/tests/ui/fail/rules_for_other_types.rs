use presence_runtime::Presence;

#[derive(Presence)]
struct Cursor {
    #[presence(max_chars = 3)]
    x: f64,
    #[presence(min = 0)]
    on: bool,
    #[presence(max_items = 3, max_chars = 3)]
    label: String,
    #[presence(min = 1, max_chars = 8)]
    name: String,
    #[presence(max_items = 3)]
    number: Option<u8>,
    #[presence(unit = "px")]
    flag: bool,
    #[presence(unit = " pixels ")]
    width: f64,
    #[presence(unit = 3)]
    height: f64,
}

fn main() {}
