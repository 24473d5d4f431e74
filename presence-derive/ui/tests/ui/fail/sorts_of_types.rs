use presence_runtime::Presence;

#[derive(Presence)]
struct Tuple(u32, u32);

#[derive(Presence)]
struct Unit;

#[derive(Presence)]
union Either {
    a: u32,
    b: f32,
}

#[derive(Presence)]
#[presence(topic = "generic")]
struct Generic<T> {
    x: T,
}

#[derive(Presence)]
struct Borrowed<'a> {
    x: &'a f64,
}

#[derive(Presence)]
struct Sized<const N: usize> {
    x: [u8; N],
}

#[derive(Presence)]
enum Chosen<T> {
    This(T),
}

#[derive(Presence)]
enum Never {}

#[derive(Presence)]
enum Pair {
    Line(f64, f64),
    Nothing(),
}

#[derive(Presence)]
#[serde(transparent)]
struct Two {
    a: u32,
    b: u32,
}

#[derive(Presence)]
#[serde(transparent)]
enum Clear {
    A,
}

fn main() {}
