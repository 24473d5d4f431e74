use presence_runtime::Presence;

#[derive(Presence)]
struct Label(String);

#[derive(Presence)]
struct Level(
    #[serde(default, rename = "level")]
    #[presence(max = 300, decay = "1s", server = "level", wire = "String")]
    u8,
);

#[derive(Presence)]
#[serde(default)]
struct Short(#[presence(max_chars = 8)] String);

fn main() {}
