//! Nodes, people and what they see.

use std::time::Duration;

use presence_runtime::Service;
use presence_runtime::cluster::{Cluster, Memory};
use presence_runtime::{Hub, HubBuilder, Presence, Topics};

/// Where somebody is.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "dots:{dot}")]
pub(crate) struct Dot {
    pub(crate) x: u32,
    #[presence(decay = "3s")]
    #[serde(default)]
    pub(crate) typing: bool,
}

pub(crate) fn dot(x: u32) -> Dot {
    Dot { x, typing: false }
}

/// A node, and its line to the engine.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) hub: Hub,
    pub(crate) line: Memory,
    pub(crate) service: Service,
    pub(crate) cluster: Cluster,
}

impl Node {
    pub(crate) fn new(engine: &Memory) -> Self {
        Self::with(engine, |it| it)
    }

    pub(crate) fn with(engine: &Memory, more: impl FnOnce(HubBuilder) -> HubBuilder) -> Self {
        let topics = Topics::new().register::<Dot>();
        let builder = Hub::builder(topics);
        let hub = more(builder).build().expect("sensible figures");
        let line = engine.line();
        let cluster = Cluster::join(&hub, line.clone()).expect("the first time");
        let service = Service::open(hub.clone());
        Self {
            hub,
            line,
            service,
            cluster,
        }
    }

    /// Everybody, as a route says it.
    pub(crate) async fn value(&self, topic: &str) -> serde_json::Value {
        self.get(&format!("/{topic}/value")).await
    }

    pub(crate) async fn get(&self, path: &str) -> serde_json::Value {
        let request = http::Request::get(format!("http://localhost{path}"));
        self.answer(request.body(String::new()).expect("a request"))
            .await
    }

    pub(crate) async fn post(&self, path: &str, key: u128, body: &str) -> serde_json::Value {
        let request = http::Request::post(format!("http://localhost{path}"))
            .header("content-type", "application/json")
            .header("presence-session", format!("{key:032x}"));
        self.answer(request.body(body.to_owned()).expect("a request"))
            .await
    }

    async fn answer(&self, mut request: http::Request<String>) -> serde_json::Value {
        use http_body_util::BodyExt;
        request
            .headers_mut()
            .insert("host", "localhost".parse().expect("a host"));
        let body = self.service.answer(request).await.into_body();
        let bytes = body.collect().await.expect("a body").to_bytes();
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// Who is in a topic, and where, as a route says it.
    pub(crate) async fn seen(&self, topic: &str) -> Vec<(String, u64)> {
        let value = self.value(topic).await;
        let entries = value["entries"].as_array().expect("entries").iter();
        let mut seen: Vec<_> = entries
            .map(|it| {
                let user = it["user"].as_str().expect("a user").to_owned();
                (user, it["value"]["x"].as_u64().expect("a number"))
            })
            .collect();
        seen.sort();
        seen
    }
}

pub(crate) async fn pass(secs: u64) {
    tokio::time::sleep(Duration::from_secs(secs)).await;
}

/// Time for what was said to arrive.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}
