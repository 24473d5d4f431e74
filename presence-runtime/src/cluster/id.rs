//! Nodes: the processes of a cluster.

use std::fmt;

/// One process of a cluster. Random, and another one after a restart: what a process left behind is never
/// taken for its successor's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u64);

impl NodeId {
    /// A node of this number; tests name their nodes.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// A node that no other is.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        getrandom::u64().map(Self)
    }

    pub(super) const fn number(self) -> u64 {
        self.0
    }

    /// Reads a node as it is written: 16 hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 16 && text.bytes().all(|it| it.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16);
        number.ok().filter(|_| digits).map(Self)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_read_as_it_is_written() {
        for number in [0, 7, u64::MAX] {
            let node = NodeId::new(number);
            assert_eq!(NodeId::parse(&node.to_string()), Some(node));
        }
        for bad in ["", "7", "000000000000000g", "+000000000000007"] {
            assert_eq!(NodeId::parse(bad), None, "{bad:?}");
        }
    }
}
