//! What keys and channels are called. Nothing that users write is in there as it is.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::super::NodeId;
use super::packed;
use crate::schema::TopicName;

/// Into how many parts topics are divided, each of which may be at another server of a Redis Cluster.
pub(super) const SHARDS: u8 = 64;
/// The most bytes of a prefix.
const MAX_PREFIX: usize = 32;

/// How the keys of a cluster begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names(String);

/// The keys of a topic, in the order that scripts know them in.
#[derive(Debug)]
pub(super) struct Keys(pub(super) [String; 7]);

impl Names {
    /// Names with this prefix; nothing unless it is 1 to 32 bytes of A-Z, a-z, 0-9, `_` and `-`.
    ///
    /// Channels are the same in all databases of a server, so that the database is part of the name.
    pub(super) fn new(prefix: &str, database: i64) -> Option<Self> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-');
        let good = (1..=MAX_PREFIX).contains(&prefix.len()) && prefix.bytes().all(allowed);
        good.then(|| match database {
            0 => Self(prefix.to_owned()),
            _ => Self(format!("{prefix}@{database}")),
        })
    }

    pub(super) fn topic(&self, topic: &TopicName) -> Keys {
        let digest = Sha256::digest(topic.as_str().as_bytes());
        let shard = digest[0] % SHARDS;
        let digest = BASE64URL_NOPAD.encode(&digest[..16]);
        let of_topic = |kind: char| format!("{}{kind}.{digest}", self.tag(shard));
        Keys([
            of_topic('r'),
            of_topic('m'),
            of_topic('l'),
            of_topic('f'),
            of_topic('u'),
            self.index(shard),
            self.leases(shard),
        ])
    }

    /// The index of a shard.
    pub(super) fn index(&self, shard: u8) -> String {
        self.tag(shard) + "index"
    }

    /// The leases of a shard.
    pub(super) fn leases(&self, shard: u8) -> String {
        self.tag(shard) + "leases"
    }

    /// What all nodes have to do. In one shard, as whoever reads it reads all of it.
    pub(super) fn orders(&self) -> String {
        self.tag(0) + "orders"
    }

    /// The channel on which it is said that something was ordered.
    pub(super) fn ordered(&self) -> String {
        format!("{}.ordered", self.0)
    }

    /// The channel on which a node hears what others did to its members.
    pub(super) fn node(&self, node: NodeId) -> Vec<u8> {
        let prefix = format!("{}.node.", self.0).into_bytes();
        [&prefix[..], &packed::node(node)].concat()
    }

    /// The channel on which nodes tell all something.
    pub(super) fn told(&self) -> String {
        format!("{}.told", self.0)
    }

    /// All keys of a shard are in one slot of a Redis Cluster, because of their tag.
    fn tag(&self, shard: u8) -> String {
        format!("{{{}:{shard}}}", self.0)
    }
}

impl Keys {
    /// The channel on which what is logged of the topic is published.
    pub(super) fn channel(self) -> String {
        let [records, ..] = self.0;
        records
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_cannot_move_a_tag() {
        for good in ["presence", "a", "A-9_z", &"p".repeat(MAX_PREFIX)] {
            assert!(Names::new(good, 0).is_some(), "{good}");
        }
        for bad in [
            "",
            "a{b",
            "a}",
            "a:b",
            "ä",
            "a*",
            &"p".repeat(MAX_PREFIX + 1),
        ] {
            assert_eq!(Names::new(bad, 0), None, "{bad}");
        }
    }

    #[test]
    fn all_keys_of_a_topic_carry_the_tag_of_its_shard() {
        let names = Names::new("presence", 3).expect("a prefix");
        for topic in ["a", "*", "boards:{42}:cursors"] {
            let Ok(topic) = TopicName::parse(topic) else {
                continue;
            };
            let Keys(keys) = names.topic(&topic);
            let (tag, _) = keys[0].split_once('}').expect("a tag");
            assert!(tag.starts_with("{presence@3:"), "{tag}");
            assert!(keys.iter().all(|key| key.starts_with(tag)), "{keys:?}");
        }
    }

    #[test]
    fn different_topics_have_different_keys() {
        let names = Names::new("presence", 0).expect("a prefix");
        let channel = |topic| {
            let topic = TopicName::parse(topic).expect("a name");
            names.topic(&topic).channel()
        };
        assert_eq!(channel("rooms:1"), channel("rooms:1"));
        assert_ne!(channel("rooms:1"), channel("rooms:2"));
    }
}
