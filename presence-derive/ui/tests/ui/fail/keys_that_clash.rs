use presence_runtime::Presence;

#[derive(Presence)]
#[serde(rename_all = "camelCase")]
struct Cursor {
    a_b: f64,
    #[serde(rename = "aB")]
    other: f64,
}

#[derive(Presence)]
#[serde(tag = "type")]
enum Tool {
    Pen {
        r#type: f64,
    },
    #[serde(rename = "Pen")]
    Brush,
}

#[derive(Presence)]
#[serde(tag = "t", content = "t")]
enum Same {
    A(u8),
}

fn main() {}
