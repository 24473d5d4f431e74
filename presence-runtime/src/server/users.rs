//! Lists of users in requests: whom somebody follows, or wants to hear of.

use std::sync::Arc;

use crate::topic::User;
use crate::wire::{Code, Fault};

/// Reads a list of users.
pub(super) fn users(texts: &[impl AsRef<str>]) -> Result<Arc<[User]>, Fault> {
    const MOST: usize = 128;
    if texts.len() > MOST {
        let message = format!("a list has at most {MOST} users, found {}", texts.len());
        return Err(Fault::new(Code::InvalidRequest, message));
    }
    texts
        .iter()
        .map(|text| {
            User::parse(text.as_ref())
                .map_err(|error| Fault::new(Code::InvalidRequest, error.to_string()))
        })
        .collect()
}
