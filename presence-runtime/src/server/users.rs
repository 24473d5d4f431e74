//! Lists of users in requests: whom somebody follows, or wants to hear of.

use std::sync::Arc;

use crate::topic::User;
use crate::wire::{Code, Fault, MAX_USERS};

/// Reads a list of users.
pub(super) fn users(texts: &[impl AsRef<str>]) -> Result<Arc<[User]>, Fault> {
    if texts.len() > MAX_USERS {
        let message = format!(
            "a list has at most {MAX_USERS} users, found {}",
            texts.len()
        );
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
