use presence_runtime::Presence;

type Label = String;
type Points = Vec<f64>;
type Nested = Option<f64>;

#[derive(Presence)]
struct Cursor {
    label: Label,
    points: Points,
    nested: Option<Nested>,
    #[presence(max_chars = 3)]
    x: Nested,
}

fn main() {}
