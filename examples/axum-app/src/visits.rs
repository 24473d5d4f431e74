//! Who came and went, by people rather than by tabs: what an application writes into its database.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use presence_runtime::topic::User;
use presence_runtime::{HubBuilder, hook};
use serde::Serialize;
use topics::Cursor;

/// So many are kept here.
const MOST: usize = 100;

/// Somebody came to a board or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Visit {
    board: String,
    user: String,
    what: &'static str,
}

/// The latest visits, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visits(Arc<Mutex<VecDeque<Visit>>>);

impl Visits {
    /// Has the hub tell of everybody's first tab on a board, and of the last.
    pub(crate) fn of(&self, hub: HubBuilder) -> HubBuilder {
        let (came, went) = (self.clone(), self.clone());
        hub.on_join(move |it: hook::Joined<Cursor>| {
            if it.first {
                came.add(it.topic.parameters(), &it.entry.member.user, "came");
            }
        })
        .on_leave(move |it: hook::Left<Cursor>| {
            if it.last {
                went.add(it.topic.parameters(), &it.entry.member.user, "went");
            }
        })
    }

    pub(crate) fn on(&self, board: &str) -> Vec<Visit> {
        let all = self.0.lock().expect("nothing panics while it holds them");
        all.iter().filter(|it| it.board == board).cloned().collect()
    }

    fn add(&self, [board]: [String; 1], user: &User, what: &'static str) {
        let mut all = self.0.lock().expect("nothing panics while it holds them");
        if all.len() == MOST {
            all.pop_front();
        }
        let user = user.to_string();
        all.push_back(Visit { board, user, what });
    }
}
