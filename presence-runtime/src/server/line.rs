//! Lines: what is known of a connection on which one request comes after another.

use http::Version;

use super::access::Speaker;
use super::address::Peer;
use super::outlet::Form;

/// A connection over HTTP, as far as answers depend on it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) speaker: Speaker,
    /// The other end, where it is known.
    pub(super) peer: Option<Peer>,
    /// Whether streams get it from whoever serves it, rather than that their bytes are asked for.
    pub(super) is_handed_over: bool,
}

impl Line {
    /// In what form the events of a stream leave. HTTP/1.0 knows no chunks.
    pub(super) fn form_of_streams(&self, version: Version) -> Form {
        if self.is_handed_over && version == Version::HTTP_11 {
            Form::Chunks
        } else {
            Form::Events
        }
    }
}
