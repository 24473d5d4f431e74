//! Who may do what where people are present.

use std::sync::Arc;

use presence_runtime::access::Action;
use presence_runtime::{Config, Hub};
use topics::Cursor;

use crate::auth::Door;
use crate::people::{People, Role};
use crate::visits::Visits;

/// The hub, with the application's word on who somebody is and what they may do. Topics of other
/// types than `Cursor` have no rule and are for nobody.
pub(crate) fn hub(
    config: Config,
    door: &Arc<Door>,
    people: &Arc<People>,
    visits: &Visits,
) -> Result<Hub, Box<dyn std::error::Error>> {
    let (door, people) = (door.clone(), people.clone());
    let hub = visits
        .of(Hub::builder(topics::topics()))
        .config(config)
        .authenticate(move |shown| {
            let door = door.clone();
            async move { door.admit(shown).await }
        })
        // The token says on which boards somebody has any business. What that is can change while it
        // holds, so it is looked up; whoever changes it calls `Hub::reauthorize`.
        .authorize::<Cursor>(move |who, [board], action| {
            let user = who.user.as_ref();
            let role = user.and_then(|user| people.role(user.as_str(), &board));
            who.has("boards", &board)
                && match action {
                    Action::Read => role.is_some(),
                    Action::Announce => matches!(role, Some(Role::Editor | Role::Owner)),
                    // What became of others is for whoever answers for the board.
                    Action::Inspect => matches!(role, Some(Role::Owner)),
                    _ => false,
                }
        })
        .build()?;
    Ok(hub)
}
