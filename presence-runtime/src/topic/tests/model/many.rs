//! Many random cases, each of which follows from a number.

use std::fmt::Debug;
use std::hash::{BuildHasher, RandomState};
use std::thread;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// Plays so many random cases, on all processors, and says the shortest that fails and its number.
/// Every run plays others; `SEED=7` plays the one of that number again, and `CASES` as many.
#[track_caller]
pub(crate) fn play_many<S: Strategy>(
    test: &str,
    cases: u64,
    strategy: impl Fn() -> S + Sync,
    play: impl Fn(&S::Value) + Sync,
) where
    S::Value: Debug,
{
    if let Some(seed) = number("SEED") {
        return play_one(test, seed, &strategy(), &play);
    }
    let cases = number("CASES").unwrap_or(cases);
    let first = RandomState::new().hash_one(test) >> 32;
    let threads = thread::available_parallelism().map_or(1, |it| it.get() as u64);
    thread::scope(|scope| {
        for thread in 0..threads {
            let (strategy, play) = (&strategy, &play);
            scope.spawn(move || {
                let strategy = strategy();
                for case in (thread..cases).step_by(threads as usize) {
                    play_one(test, first + case, &strategy, play);
                }
            });
        }
    });
}

fn play_one<S: Strategy>(test: &str, seed: u64, strategy: &S, play: &impl Fn(&S::Value))
where
    S::Value: Debug,
{
    match outcome(seed, Config::default().max_shrink_iters, strategy, play) {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!(
            "{why}\nby {case:#?}\nto play it again: SEED={seed} cargo test -p presence-runtime --lib {test}"
        ),
        Err(TestError::Abort(why)) => panic!("no case of seed {seed}: {why}"),
    }
}

/// Whether the case of a number fails.
#[cfg(feature = "mistakes")]
pub(crate) fn fails<S: Strategy>(seed: u64, strategy: &S, play: &impl Fn(&S::Value)) -> bool
where
    S::Value: Debug,
{
    outcome(seed, 0, strategy, play).is_err()
}

fn outcome<S: Strategy>(
    seed: u64,
    max_shrink_iters: u32,
    strategy: &S,
    play: &impl Fn(&S::Value),
) -> Result<(), TestError<S::Value>>
where
    S::Value: Debug,
{
    // The seed's own bits, mixed, so that neighbours have nothing in common.
    let mixed = u128::from(seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &mixed.to_le_bytes());
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, rng).run(strategy, |case| {
        play(&case);
        Ok::<(), TestCaseError>(())
    })
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is a number, found {text:?}")))
}
