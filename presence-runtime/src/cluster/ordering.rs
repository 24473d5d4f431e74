//! Ordering: what an application ordered at one node and all have to do, also those that are cut off meanwhile.
//!
//! The engine keeps orders for a while, each with its age by the engine's time. A node reads on from where it
//! has read to, whenever it hears that there is something, and each second in case it hears nothing. When an
//! order was given decides whom it means: this node's members are as old as a duration says, and so is the
//! order, so no two clocks are compared. Its age is taken from before it was asked for, so that it is never
//! less: what began after an order is never taken for older.

use std::sync::Arc;

use tokio::time::{Instant, sleep};

use super::message::Message;
use super::node::Node;
use super::{At, Engine, Ordered};
use crate::server::Hub;

/// How many orders are read at a time.
const READ: usize = 512;

/// How far the orders were read, and since when they are.
#[derive(Debug)]
struct Place {
    at: Option<At>,
    began: Instant,
}

impl<E: Engine> Node<E> {
    /// Passes on what is ordered here and obeys others, until the hub is gone.
    pub(super) async fn order(self: Arc<Self>) {
        let mut place = Place {
            at: None,
            began: Instant::now(),
        };
        loop {
            let Some(hub) = self.hub.upgrade() else {
                return;
            };
            self.pass_on_orders().await;
            self.obey(&hub, &mut place).await;
            drop(hub);
            tokio::select! {
                biased;
                () = self.ordered.notified() => {}
                () = sleep(self.timing.echo()) => {}
            }
        }
    }

    async fn pass_on_orders(&self) {
        while let Some(order) = self.next_order() {
            let message = Message::Order(self.id, order.1.clone()).to_bytes();
            if let Err(error) = self.engine.order(message, order.0.elapsed()).await {
                self.health.missed();
                tracing::debug!(%error, "an order waits");
                return;
            }
            self.health.answered();
            self.tally.ordered.add(1);
            self.passed_on(&order);
        }
    }

    async fn obey(&self, hub: &Hub, place: &mut Place) {
        loop {
            let asked = Instant::now();
            let orders = match self.engine.orders(place.at, READ).await {
                Ok(orders) => orders,
                Err(error) => {
                    self.health.missed();
                    tracing::debug!(%error, "orders were not read");
                    return;
                }
            };
            self.health.answered();
            place.notice_missed(&orders);
            for Ordered { at, age, what } in &orders {
                place.at = Some(*at);
                let age = *age + asked.elapsed();
                match Message::parse(what) {
                    Some(Message::Order(node, _)) if node == self.id => {}
                    Some(Message::Order(_, order)) if age < place.began.elapsed() => {
                        self.tally.obeyed.add(1);
                        hub.obey(&order, age);
                    }
                    Some(Message::Order(_, order)) => hub.take_note(&order, age),
                    _ => {}
                }
            }
            if orders.len() < READ {
                return;
            }
        }
    }
}

impl Place {
    /// Says so where orders were forgotten before this node read them.
    fn notice_missed(&self, orders: &[Ordered]) {
        let (Some(at), Some(first)) = (self.at, orders.first()) else {
            return;
        };
        let missed = first.at.sequence.saturating_sub(at.sequence + 1);
        if first.at.is_in_log_of(at) && missed > 0 {
            tracing::warn!(
                missed,
                "orders of other nodes were forgotten while this node was away"
            );
        }
    }
}
