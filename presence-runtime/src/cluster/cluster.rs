//! A hub among others: the tasks of a node, and what the server asks of them.

use std::fmt;
use std::sync::{Arc, Weak};

use tokio::task::AbortHandle;

use super::node::Node;
use super::{Engine, NodeId, Timing};
use crate::server::Hub;
use crate::server::neighbours::Neighbours;

/// A hub as one node of a cluster, for as long as this is kept.
///
/// Everything that a hub does goes on as it is without other nodes: the members of all nodes are in its
/// topics, in counts and filters, and events of its own members reach its hooks. Whoever speaks through
/// another node from now on is the same member. A hub that is drained leaves its members to other nodes; one
/// whose process ends without a word has them removed after [`Timing::lease`], unless they came back
/// elsewhere.
#[derive(Debug)]
#[must_use = "a node leaves the cluster when this is dropped"]
pub struct Cluster {
    shared: Arc<dyn Neighbours>,
    id: NodeId,
    tasks: Vec<AbortHandle>,
}

/// Why a hub cannot be a node.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// It is one already.
    #[error("the hub is a node of a cluster already")]
    Twice,
    /// The system has no randomness for the node's name.
    #[error("no randomness for the name of the node")]
    Randomness,
    /// The tasks of a node need a runtime.
    #[error("a node needs a tokio runtime: join inside of one")]
    Runtime,
}

impl Cluster {
    /// Makes a hub a node of the cluster that shares this engine, before anybody comes.
    ///
    /// # Errors
    /// When it is a node already, outside of a tokio runtime, or without randomness.
    pub fn join<E: Engine>(hub: &Hub, engine: E) -> Result<Self, JoinError> {
        Self::join_with(hub, engine, Timing::default())
    }

    /// The same with other times, for tests mostly. All nodes of a cluster have the same.
    ///
    /// # Errors
    /// As [`Cluster::join`].
    pub fn join_with<E: Engine>(hub: &Hub, engine: E, timing: Timing) -> Result<Self, JoinError> {
        let id = NodeId::random().map_err(|_| JoinError::Randomness)?;
        Self::join_as(hub, engine, timing, id)
    }

    /// The same under a name that no other node of the cluster has or ever had: simulations play the same
    /// again.
    ///
    /// # Errors
    /// As [`Cluster::join`].
    pub fn join_as<E: Engine>(
        hub: &Hub,
        engine: E,
        timing: Timing,
        id: NodeId,
    ) -> Result<Self, JoinError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| JoinError::Runtime)?;
        let node = Node::new(hub, engine, timing, id);
        let shared: Arc<dyn Neighbours> = node.clone();
        let known: Weak<dyn Neighbours> = Arc::downgrade(&shared);
        if !hub.meet(known) {
            return Err(JoinError::Twice);
        }
        tracing::info!(node = %id, "joined a cluster");
        let tasks = vec![
            runtime.spawn(node.clone().publish()).abort_handle(),
            runtime.spawn(node.clone().listen()).abort_handle(),
            runtime.spawn(node.clone().keep()).abort_handle(),
            runtime.spawn(node.clone().order()).abort_handle(),
            runtime.spawn(node.watch()).abort_handle(),
        ];
        Ok(Self { shared, id, tasks })
    }

    /// What other nodes know this one by.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.id
    }

    /// Whether members at other nodes may have changed without anybody here knowing: the engine is out of
    /// reach. Clients are told, and so is who asks `/readyz`.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.shared.is_stale()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {}", self.id)
    }
}
