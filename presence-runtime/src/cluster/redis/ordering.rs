//! What all nodes have to do, in a log of its own.

use std::time::Duration;

use bytes::Bytes;

use super::super::{At, Lost, MAX_ORDERS, ORDERS_FOR, Ordered};
use super::link::unexpected;
use super::script::Script;
use super::writing::ms;
use super::{Redis, fresh_epoch, packed};

/// The server's time has no more digits, so that something may be almost as much older than it seems.
const RESOLUTION: Duration = Duration::from_millis(1);

pub(super) async fn order(redis: &Redis, what: &[u8], age: Duration) -> Result<(), Lost> {
    let mut call = Script::Order.call(&[redis.names.orders()]);
    call.arg(&fresh_epoch()?.to_be_bytes())
        .arg(ms(age))
        .arg(what)
        .arg(redis.names.ordered())
        .arg(ms(ORDERS_FOR))
        .arg(MAX_ORDERS);
    redis.link.ask(call).await
}

pub(super) async fn orders(
    redis: &Redis,
    after: Option<At>,
    most: usize,
) -> Result<Vec<Ordered>, Lost> {
    type Answer = (Vec<u8>, Vec<(u64, u64, Vec<u8>)>);
    // No log has this epoch.
    let after = after.unwrap_or(At {
        epoch: 0,
        sequence: 0,
    });
    let mut call = Script::Orders.call(&[redis.names.orders()]);
    call.arg(&after.epoch.to_be_bytes())
        .arg(after.sequence)
        .arg(most);
    let (epoch, orders): Answer = redis.link.ask(call).await?;
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let epoch = packed::epoch(&epoch).ok_or_else(unexpected)?;
    let ordered = orders.into_iter().map(|(sequence, age, what)| Ordered {
        at: At { epoch, sequence },
        age: Duration::from_millis(age) + RESOLUTION,
        what: Bytes::from(what),
    });
    Ok(ordered.collect())
}
