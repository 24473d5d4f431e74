use presence_runtime::Presence;

#[derive(Presence)]
struct Cursor {
    #[presence(max = 300)]
    a: u8,
    #[presence(min = -1)]
    b: u32,
    #[presence(min = 0.5)]
    c: i32,
    #[presence(max = 9_007_199_254_740_992)]
    d: u64,
    #[presence(max = 0.100000000001)]
    e: f32,
}

fn main() {}
