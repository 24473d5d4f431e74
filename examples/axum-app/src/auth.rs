//! Who somebody is: a login kept by a cookie, and short tokens for the page's presence client.
//!
//! The cookie is for this application's own routes; scripts cannot read it. The token is what presence
//! is shown: a script has it, so it is good for a minute only, and for nothing once its login is over.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use jsonwebtoken::{EncodingKey, Header, get_current_timestamp};
use presence_runtime::access::{
    Authenticate, Credentials, Identity, Jwt, JwtError, JwtKey, Unauthenticated,
};
use serde::{Deserialize, Serialize};

use crate::App;
use crate::people::People;

const COOKIE: &str = "login";
const ISSUER: &str = "axum-app";
const AUDIENCE: &str = "presence";

/// Knows who is logged in, signs tokens and checks them.
#[derive(Debug)]
pub(crate) struct Door {
    /// Who is logged in, by what their cookie holds.
    logins: Mutex<HashMap<String, Login>>,
    signature: EncodingKey,
    jwt: Jwt,
    lifetime: Duration,
}

/// That somebody is logged in with a browser.
#[derive(Debug, Clone)]
struct Login {
    user: String,
    /// What tokens call it: they are not to repeat the cookie.
    name: String,
}

/// What a token says. `boards` is what rules ask for.
#[derive(Serialize)]
struct Ticket<'a> {
    iss: &'static str,
    aud: &'static str,
    sub: &'a str,
    exp: u64,
    login: &'a str,
    boards: Vec<&'static str>,
}

impl Door {
    /// Nobody is logged in. Tokens hold for this long.
    ///
    /// A key of its own at every start is fine where one process signs and checks. Several share a
    /// secret, or check with a public key what somebody else signs: [`JwtKey::es256`].
    pub(crate) fn new(lifetime: Duration) -> Result<Self, JwtError> {
        let secret = random();
        let jwt = Jwt::builder()
            .key(JwtKey::hs256(secret.as_bytes())?)
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .leeway(Duration::ZERO)
            .build()?;
        Ok(Self {
            logins: Mutex::default(),
            signature: EncodingKey::from_secret(secret.as_bytes()),
            jwt,
            lifetime,
        })
    }

    /// Who shows a token to presence.
    pub(crate) async fn admit(&self, shown: Credentials) -> Result<Identity, Unauthenticated> {
        let who = self.jwt.authenticate(shown).await?;
        // A token can outlive its login by a minute; what it is good for does not.
        if self.logins().values().any(|it| who.has("login", &it.name)) {
            Ok(who)
        } else {
            Err(Unauthenticated::invalid("its login is over"))
        }
    }

    /// Logs somebody in; returns what their cookie is to hold.
    fn enter(&self, user: &str) -> String {
        let cookie = random();
        let login = Login {
            user: user.to_owned(),
            name: random(),
        };
        self.logins().insert(cookie.clone(), login);
        cookie
    }

    /// Logs somebody out, wherever they are logged in.
    fn leave(&self, user: &str) {
        self.logins().retain(|_, login| login.user != user);
    }

    /// A token for whoever is logged in.
    fn sign(&self, login: &Login, people: &People) -> Option<String> {
        let ticket = Ticket {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: &login.user,
            exp: get_current_timestamp() + self.lifetime.as_secs(),
            login: &login.name,
            boards: people.find(&login.user)?.boards(),
        };
        jsonwebtoken::encode(&Header::default(), &ticket, &self.signature).ok()
    }

    fn logins(&self) -> MutexGuard<'_, HashMap<String, Login>> {
        self.logins
            .lock()
            .expect("nothing panics while it holds the logins")
    }
}

/// Who asks one of the application's own routes; those who are not logged in are sent away.
pub(crate) struct Me {
    pub(crate) user: String,
    login: Login,
}

impl FromRequestParts<App> for Me {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let shown = Credentials::of(parts.headers.clone());
        let logins = app.door.logins();
        let login = shown.cookie(COOKIE).and_then(|it| logins.get(it)).cloned();
        let login = login.ok_or((StatusCode::UNAUTHORIZED, "nobody is logged in"))?;
        let user = login.user.clone();
        Ok(Self { user, login })
    }
}

/// What somebody logs in with.
#[derive(Deserialize)]
pub(crate) struct Entering {
    user: String,
}

/// `POST /login`. Here everybody is who they say. A real application sends people to an identity
/// provider, or holds what they type against a slow, salted hash (argon2id), and limits how often.
pub(crate) async fn log_in(
    State(app): State<App>,
    Json(Entering { user }): Json<Entering>,
) -> Result<impl IntoResponse, (StatusCode, &'static str)> {
    if app.people.find(&user).is_none() {
        return Err((StatusCode::UNAUTHORIZED, "nobody has this name"));
    }
    Ok((StatusCode::NO_CONTENT, cookie(&app.door.enter(&user), "")))
}

/// `POST /logout`, on all devices: connections end, and tokens that are still out are worth nothing.
pub(crate) async fn log_out(State(app): State<App>, me: Me) -> impl IntoResponse {
    app.door.leave(&me.user);
    app.hub.revoke(&me.user);
    (StatusCode::NO_CONTENT, cookie("", "; Max-Age=0"))
}

/// What the page's client shows to presence.
#[derive(Serialize)]
pub(crate) struct Token {
    token: String,
}

/// `POST /token`: the page's client asks for one before each connection, and before the last expires.
pub(crate) async fn token(
    State(app): State<App>,
    me: Me,
) -> Result<impl IntoResponse, (StatusCode, &'static str)> {
    let token = app.door.sign(&me.login, &app.people);
    let token = token.ok_or((StatusCode::INTERNAL_SERVER_ERROR, "no token can be signed"))?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Token { token })))
}

/// No script reads it, and no other site's page sends it along with a POST. Where the application is
/// served over TLS, which all but this example are, it is `Secure` and named `__Host-login` as well.
fn cookie(value: &str, more: &str) -> [(header::HeaderName, String); 1] {
    let line = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax{more}");
    [(header::SET_COOKIE, line)]
}

/// 256 bits that nobody can guess, as text.
fn random() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
