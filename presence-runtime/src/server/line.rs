//! Lines: what is known of a connection on which one request comes after another.

use std::sync::{Arc, Mutex, Weak};

use http::Version;

use super::access::Speaker;
use super::address::Peer;
use super::hub::Hub;
use super::live::Live;
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
    /// The topic of which was spoken last: most requests of a connection are of one.
    pub(super) last: Mutex<Weak<Live>>,
}

impl Line {
    /// The live topic of this name, found by its hash only where it is not that of the request before. It may
    /// have been freed since.
    pub(super) fn existing(&self, hub: &Hub, name: &str) -> Option<Arc<Live>> {
        let mut last = self.last.lock().expect("nothing panics while it holds it");
        match last.upgrade().filter(|it| it.name().as_str() == name) {
            Some(live) => Some(live),
            None => {
                let found = hub.existing(name)?;
                *last = Arc::downgrade(&found);
                Some(found)
            }
        }
    }

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
