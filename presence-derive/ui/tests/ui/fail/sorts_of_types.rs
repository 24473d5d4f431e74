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
struct Generic<T> {
    x: T,
}

#[derive(Presence)]
struct Borrowed<'a> {
    x: &'a f64,
}

#[derive(Presence)]
enum Never {}

#[derive(Presence)]
enum Pair {
    Line(f64, f64),
    Nothing(),
}

fn main() {}
