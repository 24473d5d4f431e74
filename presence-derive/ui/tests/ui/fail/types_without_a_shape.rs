use presence_runtime::Presence;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

#[derive(Presence)]
struct Cursor {
    numbered: HashMap<u32, u32>,
    set: HashSet<u32>,
    shared: Option<Rc<u32>>,
    nothing: (),
    long: (u8, u8, u8, u8, u8, u8, u8, u8, u8),
    array: [u32; 33],
    size: usize,
    huge: (u8, u128),
    text: &'static str,
    twice: Vec<Option<Option<u32>>>,
    function: fn(),
}

fn main() {}
