use presence_runtime::Presence;

use std::collections::{BTreeMap, HashMap};

#[derive(Presence)]
struct Scores {
    unbounded: HashMap<String, u32>,
    #[presence(max_chars = 8)]
    entries: BTreeMap<String, u32>,
    #[presence(max_items = 8)]
    keys: BTreeMap<String, u32>,
    #[presence(max_items = 8, max_chars = 8, pattern = "^[a-z]*$")]
    both: BTreeMap<String, String>,
    #[presence(max_items = 8)]
    number: u32,
}

fn main() {}
