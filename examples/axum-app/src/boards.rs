//! The application's own routes for a board: who is there, and what its owner may do about it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use presence_runtime::TopicOf;
use serde::{Deserialize, Serialize};
use topics::Cursor;

use crate::App;
use crate::auth::Me;
use crate::people::Role;
use crate::visits::Visit;

type Refusal = (StatusCode, String);

/// Somebody on a board, as this application shows it.
#[derive(Serialize)]
pub(crate) struct Present {
    user: String,
    label: String,
    typing: bool,
}

/// `GET /boards/{board}`: the hub answers with the application's own types.
pub(crate) async fn here(
    State(app): State<App>,
    me: Me,
    Path(board): Path<String>,
) -> Result<Json<Vec<Present>>, Refusal> {
    let topic = board_of(&app, &me, &board, Role::Viewer)?;
    let members = app.hub.members(&topic).into_iter();
    let people = members.map(|(member, cursor)| Present {
        user: member.user.to_string(),
        label: cursor.label,
        typing: cursor.typing,
    });
    Ok(Json(people.collect()))
}

/// `GET /boards/{board}/visits`: who came and went.
pub(crate) async fn visits(
    State(app): State<App>,
    me: Me,
    Path(board): Path<String>,
) -> Result<Json<Vec<Visit>>, Refusal> {
    board_of(&app, &me, &board, Role::Viewer)?;
    Ok(Json(app.visits.on(&board)))
}

/// Whom to send away.
#[derive(Deserialize)]
pub(crate) struct Kick {
    user: String,
}

/// `POST /boards/{board}/kick`: somebody goes with all tabs, and may not come back for a minute.
pub(crate) async fn kick(
    State(app): State<App>,
    me: Me,
    Path(board): Path<String>,
    Json(Kick { user }): Json<Kick>,
) -> Result<StatusCode, Refusal> {
    let topic = board_of(&app, &me, &board, Role::Owner)?;
    match app.hub.kick_user(&topic, &user) {
        Ok(1..) => Ok(StatusCode::NO_CONTENT),
        Ok(0) => Err((StatusCode::NOT_FOUND, format!("{user} is not there"))),
        Err(fault) => Err((StatusCode::BAD_REQUEST, fault.message)),
    }
}

/// Who is to be what.
#[derive(Deserialize)]
pub(crate) struct Appoint {
    user: String,
    /// Nothing: has no business there any more.
    role: Option<Role>,
}

/// `POST /boards/{board}/roles`: takes effect at once, on connections that are open.
pub(crate) async fn appoint(
    State(app): State<App>,
    me: Me,
    Path(board): Path<String>,
    Json(Appoint { user, role }): Json<Appoint>,
) -> Result<StatusCode, Refusal> {
    board_of(&app, &me, &board, Role::Owner)?;
    if user == me.user {
        let message = "an owner stays one".to_owned();
        return Err((StatusCode::CONFLICT, message));
    }
    if !app.people.set_role(&user, &board, role) {
        return Err((StatusCode::NOT_FOUND, "nobody has this name".to_owned()));
    }
    app.hub.reauthorize(&user);
    Ok(StatusCode::NO_CONTENT)
}

/// The board, for who is at least that much there. Whether it exists nobody else is told.
fn board_of(app: &App, me: &Me, board: &str, least: Role) -> Result<TopicOf<Cursor>, Refusal> {
    let hidden = || {
        let message = "there is no such board, or it is not for you".to_owned();
        (StatusCode::FORBIDDEN, message)
    };
    let topic = Cursor::topic(board).map_err(|_| hidden())?;
    match (app.people.role(&me.user, board).ok_or_else(hidden)?, least) {
        (_, Role::Viewer) | (Role::Editor, Role::Editor) | (Role::Owner, _) => Ok(topic),
        _ => Err((
            StatusCode::FORBIDDEN,
            "only its owner may do that".to_owned(),
        )),
    }
}
