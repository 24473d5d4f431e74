use presence_runtime::Presence;

#[derive(Presence)]
struct Cursor {
    a: u64,
    b: Option<i64>,
    #[presence(max = 10)]
    c: i64,
    d: usize,
    e: isize,
    f: u128,
    g: i128,
}

fn main() {}
