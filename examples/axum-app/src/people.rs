//! The people of the application, and what they are on each board. A real one asks its database.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use serde::{Deserialize, Serialize};

/// The boards there are.
pub(crate) const BOARDS: [&str; 3] = ["roadmap", "launch", "payroll"];

/// What somebody is on a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Sees who is there.
    Viewer,
    /// Is there, too.
    Editor,
    /// Says who is what, and sends people away.
    Owner,
}

/// Somebody whom the application knows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Person {
    user: &'static str,
    name: &'static str,
    /// What the person is, by board; nothing on the others.
    roles: BTreeMap<&'static str, Role>,
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct People(Mutex<Vec<Person>>);

impl People {
    /// A few people to try it out with.
    pub(crate) fn some() -> Self {
        use Role::{Editor, Owner, Viewer};
        let person = |user, name, roles: &[_]| Person {
            user,
            name,
            roles: roles.iter().copied().collect(),
        };
        Self(Mutex::new(vec![
            person("ann", "Ann Lee", &[("roadmap", Owner), ("launch", Editor)]),
            person("bob", "Bob Ito", &[("roadmap", Editor), ("launch", Owner)]),
            person("cleo", "Cleo Diaz", &[("roadmap", Viewer)]),
            person("dan", "Dan Okafor", &[("payroll", Owner)]),
        ]))
    }

    pub(crate) fn all(&self) -> Vec<Person> {
        self.lock().clone()
    }

    pub(crate) fn find(&self, user: &str) -> Option<Person> {
        self.lock().iter().find(|it| it.user == user).cloned()
    }

    /// What somebody is on a board; nothing where they have no business there.
    pub(crate) fn role(&self, user: &str, board: &str) -> Option<Role> {
        self.find(user)?.roles.get(board).copied()
    }

    /// Makes somebody something else on a board, or nothing. Returns whether there is such a person.
    pub(crate) fn set_role(&self, user: &str, board: &str, role: Option<Role>) -> bool {
        let mut all = self.lock();
        let person = all.iter_mut().find(|it| it.user == user);
        let board = BOARDS.into_iter().find(|it| *it == board);
        let (Some(person), Some(board)) = (person, board) else {
            return false;
        };
        match role {
            Some(role) => person.roles.insert(board, role),
            None => person.roles.remove(board),
        };
        true
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Person>> {
        self.0
            .lock()
            .expect("nothing panics while it holds the people")
    }
}

impl Person {
    /// The boards where the person is anything.
    pub(crate) fn boards(&self) -> Vec<&'static str> {
        self.roles.keys().copied().collect()
    }
}
