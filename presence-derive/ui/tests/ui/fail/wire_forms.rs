use presence_runtime::Presence;

struct Colour(u32);

#[derive(Presence)]
struct Hex(#[presence(max_chars = 6)] String);

#[derive(Presence)]
struct Cursor {
    #[presence(wire = "String", max_chars = 6)]
    text: Colour,
    #[presence(wire = "Hex")]
    hex: Option<Colour>,
}

fn main() {}
