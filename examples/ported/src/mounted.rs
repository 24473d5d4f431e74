//! Presence inside of an application with routes of its own.

use axum::Router;
use axum::routing::get;
use presence_runtime::server::ConfigError;
use presence_runtime::{Hub, Service};

/// The application's routes, and those of presence below `/sync`. Without this one line there is
/// nothing: no route, no task, no cost.
///
/// # Errors
/// When nobody is asked who they are: a hub that is open on purpose is mounted by `Service::open`.
pub fn routes(hub: Hub) -> Result<Router, ConfigError> {
    let application = Router::new().route("/", get(|| async { "documents" }));
    Ok(application.nest_service("/sync", Service::new(hub)?))
}
