//! Who is in which room, who moves and who does not read.

use crate::args::Args;

/// One simulated member.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub id: u32,
    pub room: u32,
    /// In the room of `--crowd`.
    pub crowd: bool,
    pub moves: bool,
    pub stalled: bool,
}

/// Everybody, in the order of joining.
#[derive(Debug)]
pub(crate) struct Plan {
    pub members: Vec<Member>,
    /// Members who read, by room.
    readers: Vec<u32>,
}

impl Plan {
    pub(crate) fn new(args: &Args) -> Self {
        let sizes = || {
            let small = (0..args.rooms).map(|_| args.members);
            small.chain((args.crowd > 0).then_some(args.crowd))
        };
        // Rooms fill evenly: the members of each are spread over the whole time of joining and of moving.
        let mut places: Vec<(f64, usize, usize)> = Vec::new();
        for (room, size) in sizes().enumerate() {
            places.extend((0..size).map(|rank| ((rank as f64 + 0.5) / size as f64, room, rank)));
        }
        places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));

        let mut readers = vec![0; sizes().count()];
        let members = places.into_iter().enumerate();
        let members = members
            .map(|(id, (_, room, rank))| {
                // Every tenth, say: counted so that small rooms get their part, too.
                let stalled = (id as f64 * args.stalled).fract() + args.stalled >= 1.0;
                readers[room] += u32::from(!stalled);
                Member {
                    id: id as u32,
                    room: room as u32,
                    crowd: room == args.rooms,
                    moves: args.movers.is_none_or(|movers| rank < movers),
                    stalled,
                }
            })
            .collect();
        Self { members, readers }
    }

    /// How many members ought to hear of an update.
    pub(crate) fn audience(&self, of: &Member) -> u64 {
        u64::from(self.readers[of.room as usize]) - u64::from(!of.stalled)
    }

    /// The others of all rooms, over all members: how many pairs could see each other.
    pub(crate) fn pairs(&self) -> u64 {
        self.members.iter().map(|it| self.audience(it)).sum()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn plan(args: &[&str]) -> Plan {
        Plan::new(&Args::parse_from([&["load"], args].concat()))
    }

    #[test]
    fn rooms_fill_evenly_beside_a_crowd() {
        let plan = plan(&["--rooms", "2", "--members", "2", "--crowd", "4"]);
        let rooms: Vec<_> = plan.members.iter().map(|it| it.room).collect();
        assert_eq!(rooms, [2, 0, 1, 2, 2, 0, 1, 2]);
        assert_eq!(plan.pairs(), 2 + 2 + 12);
        assert!(plan.members.iter().all(|it| it.crowd == (it.room == 2)));
    }

    #[test]
    fn a_tenth_stalls_and_is_not_counted_on() {
        let plan = plan(&["--members", "50", "--stalled", "0.1"]);
        let stalled = plan.members.iter().filter(|it| it.stalled);
        assert_eq!(stalled.count(), 5);
        assert_eq!(plan.pairs(), 45 * 44 + 5 * 45);
    }

    #[test]
    fn few_move_in_each_room() {
        let plan = plan(&["--rooms", "3", "--members", "20", "--movers", "2"]);
        assert_eq!(plan.members.iter().filter(|it| it.moves).count(), 6);
    }
}
