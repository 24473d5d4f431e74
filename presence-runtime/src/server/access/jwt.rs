//! JSON Web Tokens (RFC 7519): authentication by what somebody else signed.
//!
//! Which algorithm a key is for is said where the key is, never by a token (RFC 8725, section 3.1): a
//! token that names another one is refused, `none` above all. The wall clock is looked at once, when a
//! token comes; how long it holds is measured on the monotonic one.

use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header, get_current_timestamp,
};
use serde_json::{Map, Value as Json};

use super::{Authenticate, Credentials, Identity, Kind, Unauthenticated};

/// The most bytes of a token that are looked at.
const MAX_BYTES: usize = 8 * 1024;
/// The fewest bytes of a shared secret (RFC 7518, section 3.2).
const LEAST_SECRET: usize = 32;
/// What a token is about itself, rather than about its user.
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// A key that tokens are checked with, and the one algorithm it is for.
#[derive(Clone)]
pub struct JwtKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Why there is no such authentication.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// The key cannot be read. It is not repeated here.
    #[error("this is no {0}")]
    Key(&'static str),
    /// Anybody could guess it.
    #[error("a shared secret has at least {LEAST_SECRET} bytes, found {0}")]
    Secret(usize),
    /// Nobody could come in.
    #[error("there is no key: add one with `key`")]
    NoKey,
    /// It would be open which one a token means.
    #[error("of several keys each has an id of its own: name them with `JwtKey::with_id`")]
    KeyIds,
}

impl JwtKey {
    /// HS256, with a secret that whoever signs the tokens knows as well.
    ///
    /// # Errors
    /// When it has fewer than 32 bytes.
    pub fn hs256(secret: &[u8]) -> Result<Self, JwtError> {
        if secret.len() < LEAST_SECRET {
            return Err(JwtError::Secret(secret.len()));
        }
        Ok(Self::new(
            Algorithm::HS256,
            DecodingKey::from_secret(secret),
        ))
    }

    /// RS256, with a public key in PEM.
    ///
    /// # Errors
    /// When it is none.
    pub fn rs256(pem: &[u8]) -> Result<Self, JwtError> {
        let key = DecodingKey::from_rsa_pem(pem);
        let key = key.map_err(|_| JwtError::Key("RSA public key in PEM"))?;
        Ok(Self::new(Algorithm::RS256, key))
    }

    /// ES256, with a public key on the curve P-256 in PEM.
    ///
    /// # Errors
    /// When it is none.
    pub fn es256(pem: &[u8]) -> Result<Self, JwtError> {
        let key = DecodingKey::from_ec_pem(pem);
        let key = key.map_err(|_| JwtError::Key("public key on P-256 in PEM"))?;
        Ok(Self::new(Algorithm::ES256, key))
    }

    /// EdDSA, with an Ed25519 public key in PEM.
    ///
    /// # Errors
    /// When it is none.
    pub fn eddsa(pem: &[u8]) -> Result<Self, JwtError> {
        let key = DecodingKey::from_ed_pem(pem);
        let key = key.map_err(|_| JwtError::Key("Ed25519 public key in PEM"))?;
        Ok(Self::new(Algorithm::EdDSA, key))
    }

    /// The same for tokens that name it (`kid`), as several keys have to be told apart.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    const fn new(algorithm: Algorithm, key: DecodingKey) -> Self {
        Self {
            id: None,
            algorithm,
            key,
        }
    }
}

/// The key itself does not show.
impl std::fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JwtKey")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// Authentication by JSON Web Tokens: `sub` is the user, `kind` (`human`, `agent`, `service`) the kind,
/// and whatever else is in the token its claims.
///
/// `exp` is required and `nbf` kept, both with a leeway; `iss` and `aud` where they are configured. A
/// token with an audience is refused where none is configured (RFC 7519, section 4.1.3).
///
/// ```
/// use presence_runtime::access::{Jwt, JwtKey};
/// use presence_runtime::{Hub, Topics};
///
/// # let secret = [7; 32];
/// let jwt = Jwt::builder()
///     .key(JwtKey::hs256(&secret)?)
///     .issuer("https://login.example.org")
///     .audience("presence")
///     .build()?;
/// let hub = Hub::builder(Topics::new()).authenticate(jwt).build()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Jwt {
    keys: Vec<(JwtKey, Validation)>,
    leeway: Duration,
}

/// A [`Jwt`] in the making.
#[derive(Debug, Default)]
#[must_use = "`build` makes the authentication"]
pub struct JwtBuilder {
    keys: Vec<JwtKey>,
    issuers: Vec<String>,
    audiences: Vec<String>,
    leeway: Option<Duration>,
}

impl Jwt {
    /// Begins one.
    pub fn builder() -> JwtBuilder {
        JwtBuilder::default()
    }

    /// Who a token is about.
    fn identify(&self, token: &str) -> Result<Identity, Unauthenticated> {
        if token.len() > MAX_BYTES {
            return Err(Unauthenticated::Invalid("the token is too long"));
        }
        let header =
            decode_header(token).map_err(|_| Unauthenticated::Invalid("not a JSON Web Token"))?;
        if header.crit.is_some() {
            // RFC 7515, section 4.1.11: whoever does not understand it refuses it.
            return Err(Unauthenticated::Invalid(
                "`crit` asks for what is not understood here",
            ));
        }
        let (key, validation) = self.key(header.kid.as_deref())?;
        let claims = decode::<Map<String, Json>>(token, &key.key, validation);
        let claims = claims.map_err(|error| refused(error.kind()))?.claims;
        self.identity(claims)
    }

    /// The key that a token names; the only one, where it names none.
    fn key(&self, id: Option<&str>) -> Result<&(JwtKey, Validation), Unauthenticated> {
        let named = self.keys.iter().find(|(key, _)| key.id.as_deref() == id);
        let only = match &*self.keys {
            // A key without an id is for all tokens, whatever they call it.
            [only] if only.0.id.is_none() || id.is_none() => Some(only),
            _ => None,
        };
        named.or(only).ok_or(Unauthenticated::Invalid(
            "signed with a key that is not known here",
        ))
    }

    fn identity(&self, mut claims: Map<String, Json>) -> Result<Identity, Unauthenticated> {
        let expires = claims.get("exp").and_then(Json::as_f64).unwrap_or_default();
        let left = expires + self.leeway.as_secs_f64() - get_current_timestamp() as f64;
        // A token for longer than a century holds for ever.
        let left = Duration::from_secs_f64(left.clamp(0.0, 3.2e9));
        let Some(Json::String(user)) = claims.remove("sub") else {
            return Err(Unauthenticated::Invalid(
                "`sub` is missing: whose token is it?",
            ));
        };
        let kind = match claims.remove("kind") {
            None => Kind::Human,
            Some(kind) => kind
                .as_str()
                .and_then(Kind::parse)
                .ok_or(Unauthenticated::Invalid(
                    "`kind` is none of human, agent and service",
                ))?,
        };
        for registered in REGISTERED {
            claims.remove(registered);
        }
        let who = Identity::of(user).map_err(|_| {
            Unauthenticated::Invalid("`sub` is no user: 1 to 128 bytes of A-Z a-z 0-9 _ . ~ @ -")
        })?;
        let who = who.with_claims(claims.into_iter().collect());
        Ok(who.with_kind(kind).expiring_in(left))
    }
}

impl JwtBuilder {
    /// With a key. Several need an id each: tokens name the one they are signed with, and while keys
    /// are replaced the old and the new one hold.
    pub fn key(mut self, key: JwtKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Only tokens of this issuer (`iss`), or of another one named so. Defaults to all.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Only tokens for this audience (`aud`), or for another one named so. Defaults to those for none.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// How far the clocks of this machine and of whoever signs may differ. Defaults to 5 s.
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = Some(leeway);
        self
    }

    /// Makes it.
    ///
    /// # Errors
    /// When there is no key, or one of several has no id of its own.
    pub fn build(self) -> Result<Jwt, JwtError> {
        let mut ids: Vec<_> = self.keys.iter().map(|it| it.id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        if self.keys.is_empty() {
            return Err(JwtError::NoKey);
        }
        if self.keys.len() > 1 && (ids.len() < self.keys.len() || ids.contains(&None)) {
            return Err(JwtError::KeyIds);
        }
        let leeway = self.leeway.unwrap_or(Duration::from_secs(5));
        let keys = self.keys.into_iter().map(|key| {
            let mut validation = Validation::new(key.algorithm);
            validation.leeway = leeway.as_secs();
            validation.validate_nbf = true;
            let mut required = vec!["exp", "sub"];
            if !self.issuers.is_empty() {
                validation.set_issuer(&self.issuers);
                required.push("iss");
            }
            if !self.audiences.is_empty() {
                validation.set_audience(&self.audiences);
                required.push("aud");
            }
            validation.set_required_spec_claims(&required);
            (key, validation)
        });
        Ok(Jwt {
            keys: keys.collect(),
            leeway,
        })
    }
}

impl Authenticate for Jwt {
    async fn authenticate(&self, credentials: Credentials) -> Result<Identity, Unauthenticated> {
        let token = credentials.token().ok_or(Unauthenticated::Missing)?;
        self.identify(token)
    }
}

/// Why, without anything of the token.
fn refused(error: &ErrorKind) -> Unauthenticated {
    Unauthenticated::Invalid(match error {
        ErrorKind::ExpiredSignature => return Unauthenticated::Expired,
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidSignature => "the signature is wrong",
        ErrorKind::InvalidAlgorithm => "the algorithm is not the key's",
        ErrorKind::InvalidIssuer => "`iss` is not an issuer that is known here",
        ErrorKind::InvalidAudience => "`aud` is somebody else",
        ErrorKind::MissingRequiredClaim(_) => {
            "a claim is missing: `exp`, `sub`, or a configured `iss` or `aud`"
        }
        ErrorKind::InvalidClaimFormat(_) => "a time is no number of seconds",
        _ => "not a JSON Web Token",
    })
}
