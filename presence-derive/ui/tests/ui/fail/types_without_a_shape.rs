use presence_runtime::Presence;

use std::collections::HashMap;

#[derive(Presence)]
struct Cursor {
    map: HashMap<String, u32>,
    boxed: Box<u32>,
    tuple: (u32, u32),
    array: [u32; 2],
    character: char,
    text: &'static str,
    twice: Option<Option<u32>>,
    function: fn(),
}

fn main() {}
