//! Reading what clients send: frames, messages, and the heartbeat as a whole.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use presence_runtime::wire::ClientMessage;
use presence_runtime::wire::websocket::{Decoder, Opcode, header};

const HEARTBEAT: &str = r#"{"type":"heartbeat","topic":"boards:42:cursors","value":{"x":1234.5,"y":987.25,"label":"Ann","tool":"pen","typing":false},"n":17}"#;
const MAX_MESSAGE: usize = 16 << 10;

fn codec(c: &mut Criterion) {
    let mut group = c.benchmark_group("codec");
    for size in [64, 1024, 16 << 10] {
        let frame = masked(&vec![b'x'; size]);
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(format!("decode a frame of {size} bytes"), |b| {
            let mut decoder = Decoder::new(MAX_MESSAGE);
            b.iter_batched_ref(
                || frame.clone(),
                |frame| black_box(decoder.next(frame)).is_ok(),
                BatchSize::SmallInput,
            );
        });
    }
    group.throughput(Throughput::Elements(1));
    group.bench_function("encode a header", |b| {
        b.iter(|| header(Opcode::Text, black_box(70_000)));
    });
    group.bench_function("read a heartbeat", |b| {
        b.iter(|| black_box(ClientMessage::parse(black_box(HEARTBEAT))).is_ok());
    });
    group.finish();
}

/// A frame as clients send it.
fn masked(payload: &[u8]) -> Vec<u8> {
    let mask = [0x5a, 0xc3, 0x17, 0x88];
    let header = header(Opcode::Text, payload.len());
    let mut frame = header.to_vec();
    frame[1] |= 0x80;
    frame.extend_from_slice(&mask);
    let payload = payload.iter().zip(mask.iter().cycle());
    frame.extend(payload.map(|(byte, mask)| byte ^ mask));
    frame
}

criterion_group!(benches, codec);
criterion_main!(benches);
