//! Doors: how many connections a server of its own holds that are no WebSocket or event stream, or not
//! yet. They cost little, but nothing else would bound them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::address::Address;
use super::config::Config;
use super::meter::Meter;
use super::tally::Tally;
use crate::wire::{Code, Fault};

/// How many of those that find no room are told so at a time; the others are closed at once.
const MOST_TOLD: usize = 256;

/// The doors of a server.
#[derive(Debug)]
pub(super) struct Doors {
    most: usize,
    inside: AtomicUsize,
    told: AtomicUsize,
    addresses: Mutex<Tally<Address>>,
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
pub(super) struct Entered {
    doors: Arc<Doors>,
    from: Option<Address>,
    /// Why there is no room for it.
    pub(super) refusal: Option<Fault>,
}

impl Doors {
    /// Nobody is inside yet.
    pub(super) fn new(config: &Config) -> Self {
        Self {
            most: config.max_http_connections,
            inside: AtomicUsize::new(0),
            told: AtomicUsize::new(0),
            addresses: Mutex::new(Tally::new(config.max_http_connections_per_address)),
        }
    }

    /// Counts a connection from an address; nothing where there is not even room to be told so. Who finds no
    /// room is counted as refused.
    pub(super) fn enter(self: &Arc<Self>, from: Option<Address>, meter: &Meter) -> Option<Entered> {
        let refusal = self.room(from).err();
        if let Some(fault) = &refusal {
            meter.refused(fault.code);
        }
        if refusal.is_some() && !add(&self.told, MOST_TOLD) {
            return None;
        }
        Some(Entered {
            doors: self.clone(),
            from,
            refusal,
        })
    }

    fn room(&self, from: Option<Address>) -> Result<(), Fault> {
        if !add(&self.inside, self.most) {
            let message = "the server has as many connections as it may have";
            return Err(Fault::new(Code::Overloaded, message));
        }
        if let Some(from) = from
            && !self.addresses().add(from)
        {
            self.inside.fetch_sub(1, Ordering::Relaxed);
            let message = "your address has as many connections as it may have";
            return Err(Fault::new(Code::TooManyConnections, message));
        }
        Ok(())
    }

    fn addresses(&self) -> MutexGuard<'_, Tally<Address>> {
        self.addresses
            .lock()
            .expect("nothing panics while it holds the addresses")
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if self.refusal.is_some() {
            self.doors.told.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        self.doors.inside.fetch_sub(1, Ordering::Relaxed);
        if let Some(from) = &self.from {
            self.doors.addresses().remove(from);
        }
    }
}

/// Counts one more where there are fewer than so many.
fn add(count: &AtomicUsize, most: usize) -> bool {
    let more = |it| (it < most).then_some(it + 1);
    let done = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    done.is_ok()
}
