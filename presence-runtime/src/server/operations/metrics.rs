//! `/metrics`: the figures of a hub in Prometheus' text format.

use http::{HeaderValue, Response, header};

use crate::server::body::Body;
use crate::server::hub::Hub;
use crate::server::routes::json;

/// `GET /metrics`
pub(super) fn metrics(hub: &Hub) -> Response<Body> {
    let mut response = json(format!(
        "# HELP presence_topics Topics in memory.\n# TYPE presence_topics gauge\npresence_topics {}\n",
        hub.all_live().len()
    ));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
