//! Who may be in a channel: whoever is somebody.

use presence_runtime::Hub;
use presence_runtime::access::Authenticate;
use presence_runtime::server::ConfigError;

use crate::types::{Player, topics};

/// A hub whose channels are for those who have logged in. Types without a rule are for nobody.
///
/// # Errors
/// When a setting is wrong.
pub fn hub(authenticate: impl Authenticate) -> Result<Hub, ConfigError> {
    Hub::builder(topics())
        .authenticate(authenticate)
        .authorize::<Player>(|who, [_channel], _action| who.user.is_some())
        .build()
}
