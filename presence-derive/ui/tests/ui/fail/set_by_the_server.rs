use presence_runtime::Presence;

#[derive(Presence)]
struct Inner {
    #[presence(server = "role", max_chars = 8)]
    role: String,
}

#[derive(Presence)]
#[presence(topic = "cursors")]
struct Cursor {
    #[presence(server = "role", decay = "3s", max_chars = 8)]
    #[serde(default)]
    role: String,
    #[presence(server = "")]
    empty: Option<u8>,
    #[presence(server)]
    bare: Option<u8>,
}

#[derive(Presence)]
#[presence(topic = "choices")]
enum Choice {
    A {
        #[presence(server = "level")]
        level: u8,
    },
}

fn main() {}
