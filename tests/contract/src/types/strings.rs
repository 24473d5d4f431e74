//! Strings and lists of them.

use presence_runtime::{Presence, Topics};

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "texts", max_bytes = 2048)]
pub struct Texts {
    #[presence(max_chars = 0)]
    pub empty: String,
    #[presence(max_chars = 1)]
    pub one: String,
    #[presence(min_chars = 2, max_chars = 2)]
    pub two: String,
    #[presence(min_chars = 1, max_chars = 100)]
    pub many: Option<String>,
    #[presence(max_chars = 8)]
    #[serde(default = "anonymous")]
    pub name: String,
}

fn anonymous() -> String {
    "nobody".to_owned()
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "tags", max_bytes = 4096)]
pub struct Tags {
    #[presence(max_items = 4, max_chars = 5)]
    pub plain: Vec<String>,
    #[presence(max_items = 2, min_chars = 1, max_chars = 3)]
    pub nested: Vec<Vec<Option<String>>>,
    #[presence(max_items = 0, max_chars = 3)]
    pub none: Vec<String>,
    #[presence(max_items = 1, max_chars = 3)]
    pub maybe: Option<Vec<String>>,
}

pub(super) fn register(topics: Topics) -> Topics {
    topics.register::<Texts>().register::<Tags>()
}
