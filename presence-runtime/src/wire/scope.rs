//! Scopes: whom a reader is told of, once it is known what its filter means.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use crate::topic::User;

/// Whom a reader is told of. Readers of the same scope at the same place get the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everybody.
    Everybody,
    /// Nobody; only how many there are.
    Count,
    /// These users.
    Users(Arc<Users>),
}

impl Scope {
    /// These users, in any order.
    #[must_use]
    pub fn users(users: &[User]) -> Self {
        Self::Users(Arc::new(Users::new(users)))
    }
}

/// A set of users. It knows its hash: sets are compared at every flush, and made seldom.
#[derive(Debug)]
pub struct Users {
    sorted: Box<[User]>,
    hash: u64,
}

impl Users {
    fn new(users: &[User]) -> Self {
        // One seed for all, and not one that a client could find collisions for.
        static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let mut sorted = users.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        Self {
            hash: SEED.hash_one(&sorted),
            sorted: sorted.into(),
        }
    }

    /// The users, each once.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.sorted.iter()
    }
}

impl PartialEq for Users {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || (self.hash == other.hash && self.sorted == other.sorted)
    }
}

impl Eq for Users {}

impl Hash for Users {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(users: &[&str]) -> Scope {
        let users: Vec<_> = users
            .iter()
            .map(|it| User::parse(it).expect("a user"))
            .collect();
        Scope::users(&users)
    }

    #[test]
    fn the_order_of_users_and_naming_one_twice_make_no_difference() {
        let one = scope(&["ann", "bob"]);
        let state = RandomState::new();
        let hash = |scope: &Scope| state.hash_one(scope);
        for same in [scope(&["bob", "ann"]), scope(&["ann", "bob", "ann"])] {
            assert_eq!(one, same);
            assert_eq!(hash(&one), hash(&same));
        }
        for other in [scope(&["ann"]), scope(&[]), Scope::Everybody, Scope::Count] {
            assert_ne!(one, other);
        }
    }
}
