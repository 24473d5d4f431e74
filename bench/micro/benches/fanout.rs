//! Fan-out: what it takes to tell everybody of a room what everybody has done, short of the sockets.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use micro::{Room, START};
use presence_runtime::topic::Reader;
use presence_runtime::wire::encode_part;

fn fanout(c: &mut Criterion) {
    let mut group = c.benchmark_group("fan-out");
    for members in [10, 100, 1_000] {
        let mut room = Room::of(members);
        let before = Reader::at(room.topic.position());
        room.step_all();
        // Everybody is told of everybody.
        group.throughput(Throughput::Elements((members * members) as u64));
        group.bench_function(format!("{members} moved, {members} are told"), |b| {
            b.iter_batched_ref(
                || Vec::with_capacity(members * 2),
                |frames| {
                    let mut reader = before;
                    while let Some(part) = encode_part(&room.topic, &room.name, &reader, START) {
                        reader = part.reader;
                        let frame = part.frame.expect("somebody moved");
                        frames.extend((0..members).map(|_| frame.websocket()));
                    }
                    black_box(frames.len())
                },
                BatchSize::LargeInput,
            );
        });
        group.throughput(Throughput::Elements(members as u64));
        group.bench_function(format!("a snapshot of {members}"), |b| {
            b.iter(|| {
                let mut reader = Reader::NOTHING;
                let mut bytes = 0;
                while let Some(part) = encode_part(&room.topic, &room.name, &reader, START) {
                    reader = part.reader;
                    bytes += part.frame.map_or(0, |frame| frame.websocket().len());
                }
                black_box(bytes)
            });
        });
    }
    // Who stays still costs nothing: ten move, whoever else is there.
    for members in [10, 1_000, 10_000] {
        let mut room = Room::of(members);
        let before = Reader::at(room.topic.position());
        (0..10).for_each(|at| room.step(at));
        group.throughput(Throughput::Elements(10));
        group.bench_function(format!("10 of {members} moved, encoded"), |b| {
            b.iter(|| black_box(encode_part(&room.topic, &room.name, &before, START)).is_some());
        });
    }
    group.finish();
}

criterion_group!(benches, fanout);
criterion_main!(benches);
