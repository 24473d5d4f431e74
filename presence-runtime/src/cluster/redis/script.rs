//! The scripts that do what is to be done at once.

use std::sync::LazyLock;

use redis::{Cmd, cmd};

/// A script that the server runs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Script {
    Announce,
    Newer,
    Leave,
    Retain,
    Bury,
    Read,
    Find,
    Since,
    Count,
    Hold,
    Release,
    Dead,
    Order,
    Orders,
}

/// A script's text, after what it begins with. What only removes may go on where there is no more memory.
macro_rules! script {
    (topic $flags:literal $file:literal) => {
        concat!(
            "#!lua",
            $flags,
            "\n",
            include_str!("scripts/time.lua"),
            include_str!("scripts/topic.lua"),
            include_str!(concat!("scripts/", $file)),
        )
    };
    (shard $flags:literal $file:literal) => {
        concat!(
            "#!lua",
            $flags,
            "\n",
            include_str!("scripts/time.lua"),
            include_str!(concat!("scripts/", $file)),
        )
    };
}

/// In the order of [`Script`].
const TEXTS: [&str; 14] = [
    script!(topic "" "announce.lua"),
    script!(topic "" "newer.lua"),
    script!(topic " flags=allow-oom" "leave.lua"),
    script!(topic " flags=allow-oom" "retain.lua"),
    script!(topic " flags=allow-oom" "bury.lua"),
    script!(topic " flags=allow-oom" "read.lua"),
    script!(topic " flags=no-writes" "find.lua"),
    script!(topic " flags=no-writes" "since.lua"),
    script!(shard " flags=no-writes" "count.lua"),
    script!(shard " flags=allow-oom" "hold.lua"),
    script!(shard " flags=allow-oom" "release.lua"),
    script!(shard " flags=allow-oom" "dead.lua"),
    script!(shard " flags=allow-oom" "order.lua"),
    script!(shard " flags=no-writes" "orders.lua"),
];

static DIGESTS: LazyLock<[String; TEXTS.len()]> =
    LazyLock::new(|| TEXTS.map(|text| redis::Script::new(text).get_hash().to_owned()));

impl Script {
    /// Begins a call with these keys; its arguments follow.
    pub(super) fn call(self, keys: &[String]) -> Cmd {
        let mut call = cmd("EVALSHA");
        call.arg(&DIGESTS[self as usize]).arg(keys.len()).arg(keys);
        call
    }

    /// What makes all scripts known to a server.
    pub(super) fn load() -> redis::Pipeline {
        let mut load = redis::pipe();
        for text in TEXTS {
            load.cmd("SCRIPT").arg("LOAD").arg(text);
        }
        load
    }
}
