//! Topic operations: what a heartbeat, a renewal, a coming and going, and a look at what is due cost.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use micro::{Room, START, cursor, heartbeat, person};
use presence_runtime::topic::{Heartbeat, Lease, Leave};

fn operations(c: &mut Criterion) {
    let mut group = c.benchmark_group("topic");
    // The last has room for one more.
    for members in [10, 1_000, 9_999] {
        let mut room = Room::of(members);
        group.bench_function(format!("update, {members} members"), |b| {
            let value = cursor(1);
            let mut at = 0;
            b.iter(|| {
                at = (at + 1) % members;
                let beat = heartbeat(at, value.clone());
                black_box(room.topic.heartbeat(&room.people[at], beat, START))
            });
        });
        group.bench_function(format!("renew, {members} members"), |b| {
            let lease = Lease::Deadline {
                ttl: Duration::from_secs(30),
            };
            b.iter(|| {
                let beat = Heartbeat::renew(lease);
                black_box(room.topic.heartbeat(&room.people[0], beat, START))
            });
        });
        group.bench_function(format!("join and leave, {members} members"), |b| {
            let (guest, value) = (person(members), cursor(1));
            b.iter(|| {
                let beat = heartbeat(members, value.clone());
                let joined = room.topic.heartbeat(&guest, beat, START);
                (
                    black_box(joined),
                    room.topic.leave(&guest, Leave::default(), START),
                )
            });
        });
        group.bench_function(format!("nothing due, {members} members"), |b| {
            b.iter(|| room.topic.advance(black_box(START)));
        });
    }
    group.finish();
}

criterion_group!(benches, operations);
criterion_main!(benches);
