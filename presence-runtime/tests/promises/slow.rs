//! G9: a slow reader is not disconnected as stalled. What it costs is measured where there is something to
//! measure.

use std::collections::BTreeMap;

use super::log::{End, Log, What};
use super::{Broken, Promise, Trouble};

/// The code that a stalled connection is closed with.
const STALLED: u16 = 4030;

pub(crate) fn check(log: &Log) -> Result<(), Broken> {
    /// A connection, and whether anything but its own slowness may have ended it.
    struct Life {
        slow: bool,
        excused: bool,
    }
    let mut lives: BTreeMap<(usize, u64), Life> = BTreeMap::new();
    let mut stormy: BTreeMap<usize, bool> = BTreeMap::new();
    for event in &log.events {
        let client = event.client;
        match &event.what {
            What::Opened { connection } => {
                let excused = stormy.get(&client).copied().unwrap_or_default();
                let life = Life {
                    slow: false,
                    excused,
                };
                lives.insert((client, *connection), life);
            }
            What::Troubled(trouble) => {
                if trouble.is_of_network() {
                    stormy.insert(client, true);
                }
                for life in of(&mut lives, client) {
                    match trouble {
                        Trouble::Slow => life.slow = true,
                        Trouble::Loss | Trouble::Delay => life.excused = true,
                        Trouble::Late | Trouble::Apart | Trouble::Cut => {}
                    }
                }
            }
            What::Calm(trouble) if trouble.is_of_network() => {
                stormy.insert(client, false);
            }
            What::Stopped => lives.values_mut().for_each(|it| it.excused = true),
            What::Ended { connection, end } => {
                let life = lives.remove(&(client, *connection));
                let cut = *end == End::Closed(STALLED);
                if cut && life.is_some_and(|it| it.slow && !it.excused) {
                    let what = format!("connection {connection} of a slow reader ended: {end:?}");
                    return Err(Broken::new(Promise::G9, event.at, client, what));
                }
            }
            _ => {}
        }
    }
    return Ok(());

    fn of(
        lives: &mut BTreeMap<(usize, u64), Life>,
        client: usize,
    ) -> impl Iterator<Item = &mut Life> {
        lives
            .iter_mut()
            .filter(move |(key, _)| key.0 == client)
            .map(|it| it.1)
    }
}
