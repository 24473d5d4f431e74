//! A type some of whose fields only the server sets.

use super::sparse::seven;

/// What the server sets.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "claims")]
pub(crate) struct Claims {
    pub(crate) x: u8,
    #[presence(server = "role", max_chars = 8)]
    pub(crate) role: String,
    #[presence(server = "team", max_chars = 8)]
    pub(crate) team: Option<String>,
    #[presence(server = "level")]
    #[serde(default = "seven")]
    pub(crate) level: u8,
}
