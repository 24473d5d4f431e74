//! Lines: what is known of a connection on which one request comes after another.

use std::sync::Arc;

use http::Version;

use super::access::Speaker;
use super::address::Peer;
use super::outlet::Form;
use super::screen::Screen;

/// A connection over HTTP, as far as answers depend on it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) speaker: Speaker,
    /// The other end, where it is known.
    pub(super) peer: Option<Peer>,
    /// Whether streams get it from whoever serves it, rather than that their bytes are asked for.
    pub(super) is_handed_over: bool,
    /// What is known of what came in; nothing where another server reads it.
    pub(super) screen: Option<Arc<Screen>>,
}

impl Line {
    /// Whether its client has closed their side, so that no more comes than has come.
    pub(super) fn is_over(&self) -> bool {
        self.screen.as_ref().is_some_and(|it| it.is_over())
    }

    /// Whether nothing on it is to be trusted, because a request said twice how long it is.
    pub(super) fn is_doubtful(&self) -> bool {
        self.screen.as_ref().is_some_and(|it| it.is_doubtful())
    }

    /// In what form the events of a stream leave. HTTP/1.0 knows no chunks.
    pub(super) fn form_of_streams(&self, version: Version) -> Form {
        if self.is_handed_over && version == Version::HTTP_11 {
            Form::Chunks
        } else {
            Form::Events
        }
    }
}
