//! Random histories against a naive model: a map of members, a list of all that happened, and
//! readers that pull parts of random sizes at random times.
//!
//! The model says what every command answers and who is present with what; the readers check that
//! what they are told adds up to that. Time is a number here. A failure is told with its seed and its
//! shortest history.

mod heard;
pub(crate) mod many;
pub(crate) mod naive;
mod told;
mod viewer;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use self::many::play_many;
use self::naive::{Naive, PEOPLE};
use self::viewer::Viewer;
use super::*;
use crate::topic::Activity;

/// How many histories are played.
const CASES: u64 = 10_000;

/// Where a message stands in the order of its session, as seen from the last one.
pub(crate) type Place = Option<i64>;

/// What happens to a topic.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Heartbeat {
        who: usize,
        dot: Option<Dot>,
        place: Place,
        lease: Lease,
        activity: Option<Activity>,
        hidden: Option<bool>,
        following: Option<usize>,
    },
    Leave {
        who: usize,
        place: Place,
        after: Option<u64>,
        connection: Option<u64>,
    },
    /// Somebody else tries the session: another user, or another key of the same name.
    Impostor {
        who: usize,
        forged: bool,
    },
    /// A connection ends, the entry's own if none is named.
    Disconnect {
        who: usize,
        connection: Option<u64>,
    },
    Bind {
        who: usize,
    },
    Unbind {
        who: usize,
    },
    Kick {
        who: usize,
    },
    Close,
    /// So many milliseconds pass.
    Pass(u64),
    /// Time passes until the next thing is due, or until just before that.
    Due {
        before: bool,
    },
}

/// What happens in a history: something to the topic, or somebody reads.
#[derive(Debug, Clone)]
enum Step {
    Do(Command),
    Read {
        viewer: usize,
        things: usize,
    },
    CatchUp {
        viewer: usize,
    },
    /// A new connection that resumes.
    Reconnect {
        viewer: usize,
    },
    /// A new subscription, to which nothing is known, or what is known is of another incarnation.
    Subscribe {
        viewer: usize,
        other: Option<u64>,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let viewer = || 0..VIEWERS;
    let step = prop_oneof![
        400 => command().prop_map(Step::Do),
        80 => (viewer(), 1..4_usize).prop_map(|(viewer, things)| Step::Read { viewer, things }),
        30 => viewer().prop_map(|viewer| Step::CatchUp { viewer }),
        10 => viewer().prop_map(|viewer| Step::Reconnect { viewer }),
        5 => (viewer(), option::of(0..50_u64))
            .prop_map(|(viewer, other)| Step::Subscribe { viewer, other }),
    ];
    vec(step, 1..150)
}

pub(crate) fn command() -> impl Strategy<Value = Command> {
    let who = || 0..PEOPLE;
    prop_oneof![
        160 => heartbeat(),
        30 => (who(), place(), option::of(0..8_u64), option::of(1..4_u64)).prop_map(
            |(who, place, after, connection)| Command::Leave { who, place, after, connection }),
        10 => (who(), any::<bool>()).prop_map(|(who, forged)| Command::Impostor { who, forged }),
        30 => (who(), option::weighted(0.4, 1..4_u64))
            .prop_map(|(who, connection)| Command::Disconnect { who, connection }),
        20 => who().prop_map(|who| Command::Bind { who }),
        20 => who().prop_map(|who| Command::Unbind { who }),
        10 => who().prop_map(|who| Command::Kick { who }),
        1 => Just(Command::Close),
        40 => prop_oneof![0..50_u64, 0..5_000_u64, 0..100_000_u64].prop_map(Command::Pass),
        40 => any::<bool>().prop_map(|before| Command::Due { before }),
    ]
}

fn heartbeat() -> impl Strategy<Value = Command> {
    let dot = (0..naive::XS, any::<bool>(), any::<bool>()).prop_map(|(x, typing, waving)| Dot {
        x,
        typing,
        waving,
    });
    let activity = prop_oneof![
        Just(Activity::Active),
        Just(Activity::Idle),
        Just(Activity::Away)
    ];
    (
        0..PEOPLE,
        option::weighted(0.8, dot),
        place(),
        lease(),
        option::weighted(0.5, activity),
        option::weighted(0.2, any::<bool>()),
        option::weighted(0.2, 0..3_usize),
    )
        .prop_map(
            |(who, dot, place, lease, activity, hidden, following)| Command::Heartbeat {
                who,
                dot,
                place,
                lease,
                activity,
                hidden,
                following,
            },
        )
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![2 => Just(None), 5 => (1..4_i64).prop_map(Some), 2 => (-3..1_i64).prop_map(Some)]
}

fn lease() -> impl Strategy<Value = Lease> {
    // 999 and 300,001 are just out of range.
    let ttl = prop_oneof![
        8 => prop_oneof![Just(1_000), Just(4_000), Just(30_000), Just(300_000)],
        1 => prop_oneof![Just(999), Just(300_001)],
    ];
    prop_oneof![
        (1..4_u64).prop_map(socket),
        ttl.prop_map(|ttl| Lease::Deadline {
            ttl: Duration::from_millis(ttl)
        }),
    ]
}

/// Half of them take every thing as it comes, the others a run as a whole.
const VIEWERS: usize = 4;

impl Command {
    /// Does it to the topic and the model, which agree on everything afterwards.
    pub(crate) fn obey(&self, naive: &mut Naive) {
        match *self {
            Self::Heartbeat {
                who,
                dot,
                place,
                lease,
                activity,
                hidden,
                following,
            } => {
                let beat = Heartbeat {
                    value: dot.map(naive::said),
                    n: naive.n(who, place),
                    activity,
                    hidden,
                    following: following.map(naive::following),
                    ..say(at(0), lease)
                };
                naive.heartbeat(who, &beat);
            }
            Self::Leave {
                who,
                place,
                after,
                connection: by,
            } => naive.leave(
                who,
                Leave {
                    n: naive.n(who, place),
                    after: after.map(Duration::from_secs),
                    by: by.map(connection),
                },
            ),
            Self::Impostor { who, forged } => naive.impostor(who, forged),
            Self::Disconnect { who, connection } => naive.disconnect(who, connection),
            Self::Bind { who } => naive.bind(who),
            Self::Unbind { who } => naive.unbind(who),
            Self::Kick { who } => naive.kick(who),
            Self::Close => naive.close(),
            Self::Pass(millis) => naive.pass(millis),
            Self::Due { before } => naive.pass_until_due(before),
        }
        naive.check();
    }
}

fn play(steps: &[Step]) {
    let mut naive = Naive::new();
    let mut viewers: Vec<Viewer> = (0..VIEWERS)
        .map(|number| Viewer::new(number % 2 == 0))
        .collect();
    for step in steps {
        match *step {
            Step::Do(ref command) => command.obey(&mut naive),
            Step::Read { viewer, things } => {
                viewers[viewer].read(&naive, things);
            }
            Step::CatchUp { viewer } => viewers[viewer].catch_up(&naive),
            Step::Reconnect { viewer } => viewers[viewer].reconnect(),
            Step::Subscribe { viewer, other } => viewers[viewer].subscribe(other),
        }
    }
    for viewer in &mut viewers {
        viewer.catch_up(&naive);
    }
}

#[test]
fn the_topic_does_what_the_naive_model_does() {
    play_many("naive_model", CASES, steps, |steps| play(steps));
}

/// The test of the test: each of these mistakes is noticed within a few histories.
#[cfg(feature = "mistakes")]
#[test]
fn the_model_notices_every_mistake_of_the_topic() {
    use crate::mistake::{Mistake, make};
    for mistake in [Mistake::G1, Mistake::G3, Mistake::G5, Mistake::G6] {
        make(Some(mistake));
        let noticed = (0..100).any(|seed| many::fails(seed, &steps(), &|it| play(it)));
        make(None);
        assert!(noticed, "{mistake:?} is not noticed");
    }
}
