use presence_runtime::Presence;

#[derive(Presence)]
#[serde(transparent, from = "u32", rename = "x")]
struct Cursor {
    #[serde(skip)]
    a: f64,
    #[serde(alias = "bee", skip_serializing_if = "Option::is_none")]
    b: Option<f64>,
    #[serde(flatten)]
    c: Inner,
    #[serde(with = "hex")]
    d: u32,
    #[serde(nonsense)]
    e: u32,
}

#[derive(Presence)]
struct Inner {
    x: f64,
}

#[derive(Presence)]
#[serde(untagged, default)]
enum Tool {
    #[serde(other)]
    Pen,
    #[serde(rename(serialize = "a", deserialize = "b"))]
    Brush,
}

fn main() {}
