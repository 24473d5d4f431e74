//! What is asked of a history: whose, and before what.

use percent_encoding::percent_decode_str;

use super::Whose;
use crate::topic::{InvalidMember, Member, User};
use crate::wire::{Code, Fault};

/// The query of `history`.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) whose: Whose,
    /// Only what has a smaller number.
    pub(super) before: u64,
}

impl Query {
    /// Reads `user=`, `member=` and `before=`, each once at most.
    ///
    /// # Errors
    /// `invalid_request`.
    pub(super) fn parse(query: &str) -> Result<Self, Fault> {
        let (mut user, mut member, mut before) = (None, None, None);
        for pair in query.split('&').filter(|it| !it.is_empty()) {
            let (key, text) = pair.split_once('=').ok_or_else(refused)?;
            let text = percent_decode_str(text).decode_utf8();
            let text = text.map_err(|_| refused())?;
            match key {
                "user" if user.is_none() => user = Some(User::parse(&text).map_err(named)?),
                "member" if member.is_none() => member = Some(Member::parse(&text).map_err(named)?),
                "before" if before.is_none() => {
                    before = Some(text.parse().map_err(|_| refused())?);
                }
                _ => return Err(refused()),
            }
        }
        Ok(Self {
            whose: Whose { user, member },
            before: before.unwrap_or(u64::MAX),
        })
    }
}

fn refused() -> Fault {
    let message = "the query of `history` is `user=` or `member=`, whose it is, and `before=` with the `next` of the page before";
    Fault::new(Code::InvalidRequest, message)
}

fn named(error: InvalidMember) -> Fault {
    Fault::new(Code::InvalidRequest, error.to_string())
}
