use presence_runtime::Presence;

#[derive(Presence)]
struct Cursor {
    #[serde(skip_serializing_if = "String::is_empty")]
    #[presence(max_chars = 8)]
    label: String,
    #[serde(skip_serializing_if = is_zero)]
    x: u32,
    #[serde(skip)]
    #[presence(max = 4)]
    cached: u32,
    #[serde(skip, rename = "other")]
    renamed: u32,
    #[serde(skip_serializing)]
    secret: u32,
}

fn main() {}
