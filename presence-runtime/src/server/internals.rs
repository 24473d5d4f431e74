//! What is not public, for those who test it from outside: conformance suites and fuzzers.
//!
//! Compiled with the feature `internals` only. Nothing here is promised to stay.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use super::address::{Peer, Proxies, ProxyHeader};
use super::body::Body;
use super::dialogue::Dialogue;
use super::hub::Hub;
use super::outlet::Outlet;
use super::refused::Refused;
use super::upgrade::switch;
use super::{routes, socket};
use crate::schema::{Schema, judge};
use crate::wire::websocket::{self, CloseCode, Opcode};
use crate::wire::{Fault, Filter};

/// Says back what is said on a WebSocket, carried as every other one is. Messages have at most this
/// many bytes, whatever the hub's configuration says.
pub fn echo<B>(hub: &Hub, request: Request<B>, max_message: usize) -> Response<Body> {
    let (head, _) = request.into_parts();
    let hub = hub.clone();
    let begin = move |_: &Hub, _, outlet| Echo {
        outlet,
        max_message,
    };
    switch(head, move |upgraded| {
        socket::carry(hub, None, upgraded, begin);
    })
    .unwrap_or_else(|fault| Refused::from(fault).answer())
}

#[derive(Debug)]
struct Echo {
    outlet: Arc<Outlet>,
    max_message: usize,
}

impl Dialogue for Echo {
    fn hear(&mut self, text: &str) -> Result<(), CloseCode> {
        let frame = websocket::frame(Opcode::Text, text.as_bytes());
        self.outlet.write(Bytes::from(frame));
        Ok(())
    }

    fn hear_binary(&mut self, bytes: &[u8]) -> Result<(), CloseCode> {
        let frame = websocket::frame(Opcode::Binary, bytes);
        self.outlet.write(Bytes::from(frame));
        Ok(())
    }

    fn max_message(&self, _: &super::Config) -> usize {
        self.max_message
    }
}

/// Whether the second look finds nothing wrong with what a client sends; what the first one says is
/// [`Value::stamped`](crate::schema::Value::stamped).
#[must_use]
pub fn is_fine(schema: &Schema, json: &[u8]) -> bool {
    judge::look(schema.shape(), json, judge::Side::Input).is_empty()
}

/// What the query of `changes` asks for.
///
/// # Errors
/// `invalid_request`.
pub fn filter(query: &str) -> Result<Filter, Fault> {
    routes::filter(query)
}

/// After which entry the query of `value` asks for a page.
///
/// # Errors
/// `invalid_request`.
pub fn after(query: Option<&str>) -> Result<u64, Fault> {
    routes::after(query)
}

/// By which address a request from this peer is counted where these proxies are trusted, which have
/// to be addresses and networks.
#[must_use]
pub fn address(
    trusted: &[String],
    header: ProxyHeader,
    peer: IpAddr,
    headers: &HeaderMap,
) -> Option<IpAddr> {
    let proxies = Proxies::read(trusted, header).expect("addresses and networks");
    proxies
        .address(Some(Peer(peer)), headers)
        .map(super::address::Address::ip)
}
