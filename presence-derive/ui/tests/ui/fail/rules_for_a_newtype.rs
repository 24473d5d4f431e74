use presence_runtime::Presence;

#[derive(Presence)]
struct Short(#[presence(max_chars = 8)] String);

#[derive(Presence)]
struct Maybe(Option<u8>);

#[derive(Presence)]
struct Cursor {
    #[presence(max_chars = 4)]
    label: Short,
    #[presence(max_items = 4)]
    labels: Short,
    twice: Option<Maybe>,
}

fn main() {}
