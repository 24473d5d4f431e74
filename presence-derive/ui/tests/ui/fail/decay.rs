use presence_runtime::Presence;

#[derive(Presence)]
#[presence(topic = "a")]
struct Cursor {
    #[presence(decay = "3s")]
    bare: bool,
    #[presence(decay = "100ms")]
    #[serde(default)]
    short: bool,
    #[presence(decay = "25h")]
    #[serde(default)]
    long: bool,
    #[presence(decay = 3)]
    #[serde(default)]
    number: bool,
}

#[derive(Presence)]
struct NoTopic {
    #[presence(decay = "3s")]
    #[serde(default)]
    x: bool,
}

#[derive(Presence)]
#[presence(topic = "b")]
enum Tool {
    Pen {
        #[presence(decay = "3s")]
        #[serde(default)]
        down: bool,
    },
    Text(#[presence(decay = "3s")] u32),
}

fn main() {}
