use presence_runtime::Presence;

#[derive(Presence)]
#[serde(rename_all = "camelcase", tag = "type")]
struct Cursor {
    #[serde(rename = 3)]
    a: f64,
    #[serde(default = "no path")]
    b: f64,
    #[serde(rename = "__proto__")]
    c: f64,
}

#[derive(Presence)]
#[serde(content = "data")]
enum Tool {
    #[presence(max = 3)]
    Pen,
    Text(#[serde(rename = "x", default)] u32),
}

fn main() {}
