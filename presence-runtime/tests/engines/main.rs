//! What every engine has to do, for each of them: the one in memory, a Redis server, and a Redis server
//! that is a Redis Cluster, where a script whose keys are in different slots fails.
//!
//! `make test-engines` installs the server and runs this. `SEED=7` plays one seed of what is random again.

mod announcing;
mod costs;
mod faults;
mod feeds;
mod fences;
mod following;
mod kit;
mod leases;
mod leaving;
mod listing;
mod logs;
mod model;
mod newer;
mod ordering;
mod server;
mod subject;

macro_rules! tests {
    ($subject:ty: $($noun:ident { $($test:ident)* })*) => {
        $(mod $noun {
            use crate::subject::{InCluster, InMemory, InRedis, Subject};
            $(#[test]
            fn $test() {
                <$subject>::run(crate::$noun::$test);
            })*
        })*
    };
}

/// The same tests for every engine.
macro_rules! conformance {
    ($engine:ident: $subject:ty) => {
        mod $engine {
            #![allow(unused_imports, reason = "each names its own subject")]
            tests! { $subject:
                announcing {
                    who_announced_is_read
                    what_did_not_change_is_not_logged
                    the_same_node_counts_when_its_n_is_not_below
                    another_node_counts_when_its_n_is_above
                    n_is_exact_to_its_last_bit
                    a_move_to_another_node_is_one_turn
                    a_session_is_taken_by_another_key_or_user
                    a_topic_is_full_at_its_most
                    values_are_handed_on_as_they_are
                    writes_are_done_in_order
                }
                newer {
                    what_a_node_heard_that_has_not_the_member_is_kept
                    who_takes_a_member_over_keeps_what_others_heard
                    every_part_has_an_order_of_its_own
                    what_its_node_makes_of_a_part_counts
                    nothing_is_added_to_nobody
                }
                leaving {
                    who_said_so_is_removed_wherever_it_is
                    a_node_removes_only_its_own
                    another_user_removes_nobody
                    who_is_not_retained_is_gone
                    every_reason_is_told
                }
                fences {
                    an_n_is_remembered_after_leaving
                    an_n_is_forgotten_after_its_time
                    who_leaves_without_being_there_is_fenced
                    the_word_of_who_was_taken_for_dead_counts
                    another_user_is_not_fenced
                }
                leases {
                    nobody_announces_without_a_lease
                    a_lease_goes_on_or_begins_anew
                    the_dead_are_removed_once
                    who_came_back_elsewhere_stays
                    what_is_released_is_removed_later
                    who_holds_is_not_reaped
                    who_holds_is_told_whether_others_are_overdue
                    many_dead_members_are_removed
                }
                logs {
                    an_empty_topic_has_a_log
                    what_was_logged_is_told_again
                    what_is_not_known_any_longer_is_not_told
                    the_end_of_a_log_is_known
                    a_flushed_engine_has_other_epochs
                    presence_grows
                }
                feeds {
                    own_and_others_turns_are_heard_in_order
                    what_is_not_followed_is_not_heard
                    everybody_is_told
                    whoever_stops_waiting_loses_nothing
                    a_slow_feed_loses_some_and_goes_on
                    many_topics_are_followed
                    a_node_hears_who_is_taken_away_from_it
                }
                ordering {
                    what_was_ordered_is_told_who_asks_later
                    orders_are_handed_on_as_they_are
                    where_a_place_is_unknown_everything_is_told
                    an_order_is_as_old_as_it_is
                    the_latest_orders_are_remembered
                    feeds_hear_that_something_was_ordered
                }
                following {
                    read_and_follow_has_no_gap_and_no_duplicate
                }
                model {
                    every_seed_does_as_the_model
                }
                listing {
                    topics_are_listed_by_name
                    a_user_s_topics_are_listed_by_name
                    hostile_names_are_told_apart
                    long_lists_come_in_pages
                    counts_are_of_members_and_users
                }
            }
        }
    };
}

conformance!(memory: InMemory);
conformance!(redis: InRedis);
conformance!(redis_cluster: InCluster);
