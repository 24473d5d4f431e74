//! Types with fields that are left out, or that nobody is told of.

/// What is left out.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "sparse:{a}")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sparse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) soft: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[presence(max_items = 2)]
    pub(crate) list: Vec<u8>,
    #[serde(default, skip_serializing_if = "is_off")]
    pub(crate) is_on: bool,
    #[serde(skip)]
    pub(crate) cache: Option<std::time::Instant>,
    pub(crate) inside: SparseInside,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_off(is_on: &bool) -> bool {
    !is_on
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[serde(tag = "is", rename_all_fields = "camelCase")]
pub(crate) enum SparseInside {
    Bare,
    Full {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        #[presence(max_chars = 3)]
        long_text: String,
        #[serde(skip, default = "seven")]
        seven: u8,
    },
}

pub(super) fn seven() -> u8 {
    7
}
