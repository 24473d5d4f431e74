//! The page, and what it has to know: who there is and who is logged in.

use std::io;
use std::path::Path;

use axum::Json;
use axum::extract::State;
use axum::http::{Method, Uri};
use axum::response::{Html, IntoResponse, Response};
use presence_runtime::server::Pages;
use serde_json::{Value, json};

use crate::App;
use crate::auth::Me;
use crate::people::{BOARDS, Person};

/// The built page, with the client below the path that its import map names.
pub(crate) fn read(page: &Path, client: &Path) -> io::Result<Pages> {
    Pages::read(page)?.and(client, "/presence-client")
}

/// Any path that no other route has.
pub(crate) async fn page(State(app): State<App>, method: Method, uri: Uri) -> Response {
    match &app.pages {
        Some(pages) => pages.answer(&method, uri.path()).into_response(),
        None => {
            Html("<title>axum-app</title><p>The page is not built: <code>make app</code> does it.")
                .into_response()
        }
    }
}

/// `GET /people`: whom one can log in as, which no other application would tell.
pub(crate) async fn people(State(app): State<App>) -> Json<Vec<Person>> {
    Json(app.people.all())
}

/// `GET /me`.
pub(crate) async fn me(State(app): State<App>, me: Me) -> Json<Value> {
    Json(json!({"person": app.people.find(&me.user), "boards": BOARDS}))
}
