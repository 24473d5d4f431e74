//! What `/metrics` says of a node among others.

use std::collections::{BTreeMap, BTreeSet};

use http_body_util::BodyExt;
use presence_runtime::cluster::Memory;
use presence_runtime::server::Operations;
use presence_runtime::{Hub, Topics};

use crate::house::*;

/// Where whoever runs nodes reads what these figures are.
const DOCUMENTED: &str = include_str!("../../../docs/deployment/README.md");

async fn text(hub: &Hub) -> String {
    let request = http::Request::get("http://localhost/metrics").header("host", "localhost");
    let request = request.body(()).expect("a request");
    let answer = Operations::open(hub.clone()).answer(request);
    let body = answer.into_body().collect().await.expect("a body");
    String::from_utf8(body.to_bytes().to_vec()).expect("text")
}

async fn figures(node: &Node) -> BTreeMap<String, f64> {
    let text = text(&node.hub).await;
    let samples = text.lines().filter(|it| !it.starts_with('#'));
    let pairs = samples.map(|line| {
        let (name, figure) = line.rsplit_once(' ').expect("a name and a figure");
        (name.to_owned(), figure.parse().expect("a figure"))
    });
    pairs.collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_node_does_is_counted() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let ann = one.hub.member("ann").join(&at, dot(1)).expect("joins");
    let _bo = one.hub.member("bo").join(&at, dot(1)).expect("joins");
    let _watch = two.hub.watch(&at).expect("a watch");
    settle().await;
    ann.update(|it| it.x = 2).expect("updates");
    pass(2).await;
    let (here, there) = (figures(&one).await, figures(&two).await);
    for now in [&here, &there] {
        assert_eq!(now["presence_engine_connected"], 1.0);
        assert_eq!(now["presence_engine_stale"], 0.0);
        assert!(now["presence_engine_silence_seconds"] <= 1.0);
        assert_eq!(now["presence_engine_losses_total"], 0.0);
        assert_eq!(now["presence_engine_feeds_total"], 1.0);
        assert_eq!(now["presence_engine_restorations_total"], 1.0);
    }
    assert!(here["presence_engine_writes_total{verdict=\"done\"}"] >= 3.0);
    assert!(here["presence_engine_batches_total"] >= 2.0);
    assert_eq!(here["presence_engine_topics"], 0.0);
    assert_eq!(here["presence_entries_elsewhere{type=\"Dot\"}"], 0.0);
    assert_eq!(there["presence_engine_topics"], 1.0);
    assert_eq!(
        there["presence_engine_reads_total{what=\"everybody\"}"],
        1.0
    );
    assert_eq!(there["presence_entries{type=\"Dot\"}"], 2.0);
    assert_eq!(there["presence_entries_elsewhere{type=\"Dot\"}"], 2.0);

    // A gap, a loss of the engine, and what waits for it.
    two.line.drop_messages(1);
    ann.update(|it| it.x = 3).expect("updates");
    settle().await;
    ann.update(|it| it.x = 4).expect("updates");
    settle().await;
    one.line.fail(true);
    ann.update(|it| it.x = 5).expect("updates");
    one.hub.reauthorize("ann");
    pass(10).await;
    let (here, there) = (figures(&one).await, figures(&two).await);
    assert_eq!(there["presence_engine_gaps_total"], 1.0);
    assert_eq!(there["presence_engine_reads_total{what=\"rest\"}"], 1.0);
    assert_eq!(there["presence_engine_reaped_total"], 2.0);
    assert_eq!(here["presence_engine_connected"], 0.0);
    assert_eq!(here["presence_engine_stale"], 1.0);
    assert!(here["presence_engine_silence_seconds"] > 9.0);
    assert!(here["presence_engine_losses_total"] > 10.0);
    assert_eq!(here["presence_engine_waiting{what=\"writes\"}"], 1.0);
    assert_eq!(here["presence_engine_waiting{what=\"orders\"}"], 1.0);
    one.line.fail(false);
    pass(5).await;
    let (here, there) = (figures(&one).await, figures(&two).await);
    assert_eq!(here["presence_engine_connected"], 1.0);
    assert_eq!(here["presence_engine_restorations_total"], 2.0);
    assert!(here["presence_engine_feeds_total"] >= 2.0);
    for what in ["topics", "writes", "reads", "orders"] {
        let name = format!("presence_engine_waiting{{what=\"{what}\"}}");
        assert_eq!(here[&name], 0.0, "{what}");
    }
    assert_eq!(here["presence_engine_orders_total{given=\"here\"}"], 1.0);
    assert_eq!(
        there["presence_engine_orders_total{given=\"elsewhere\"}"],
        1.0
    );
    assert_eq!(there["presence_entries_elsewhere{type=\"Dot\"}"], 2.0);
}

#[tokio::test(start_paused = true)]
async fn what_is_said_is_documented() {
    let engine = Memory::new();
    let node = Node::new(&engine);
    let text = text(&node.hub).await;
    let families = text.lines().filter_map(|it| it.strip_prefix("# TYPE "));
    let names = families.filter_map(|it| it.split(' ').next());
    let ours = |it: &&str| it.starts_with("presence_engine_") || it.ends_with("_elsewhere");
    let said: BTreeSet<_> = names.filter(ours).collect();
    let quoted = DOCUMENTED.split('`').skip(1).step_by(2);
    let documented: BTreeSet<_> = quoted.filter(ours).collect();
    assert_eq!(said, documented);

    // Whoever is no node says none of it.
    let topics = Topics::new().register::<Dot>();
    let alone = Hub::builder(topics).build().expect("sensible figures");
    let text = self::text(&alone).await;
    assert!(text.contains("presence_entries"));
    assert!(
        !text
            .lines()
            .any(|it| it.contains("_engine_") || it.contains("_elsewhere"))
    );
}
