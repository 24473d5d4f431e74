//! Claims: what is known of who announces, and the fields of a value that are set from it.
//!
//! A field with `server = "claim"` is no part of what a client sends. It is stamped when the value
//! comes in, from the claim of that name; without such a claim it is the field's default, and without
//! a default nobody may announce.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::judge::{self, Side};
use super::{Field, Invalid, Need, Schema, Shape, Value};

/// What an identity is known to be, by name, as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims(BTreeMap<String, Json>);

/// Why a value cannot be stamped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// What the client sent is refused.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The identity has not the claim, and the field has no default.
    #[error("`{field}` is set from the claim `{claim}`, which is missing")]
    Missing {
        /// The field's key.
        field: &'static str,
        /// The claim's name.
        claim: &'static str,
    },
    /// The claim is nothing that the field takes.
    #[error("`{field}` is set from the claim `{claim}`, which does not fit: {why}")]
    Unfit {
        /// The field's key.
        field: &'static str,
        /// The claim's name.
        claim: &'static str,
        /// What the field asks for.
        why: Invalid,
    },
    /// The code of the type, such as what `validate` names, panicked.
    #[error("the code of `{0}` panicked, so that the value cannot be judged")]
    Panicked(&'static str),
}

impl Claims {
    /// No claim.
    #[must_use]
    pub const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// The claims with one more, or with another value for it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The claims but this one.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// The names of the claims.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A claim by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name)
    }
}

impl<N: Into<String>> FromIterator<(N, Json)> for Claims {
    fn from_iter<I: IntoIterator<Item = (N, Json)>>(claims: I) -> Self {
        Self(
            claims
                .into_iter()
                .map(|(name, it)| (name.into(), it))
                .collect(),
        )
    }
}

impl Schema {
    /// The fields that the server sets, with the names of their claims.
    pub fn stamps(&self) -> impl Iterator<Item = (&'static Field, &'static str)> {
        let fields = match self.shape() {
            Shape::Struct(it) => it.fields,
            _ => &[],
        };
        fields
            .iter()
            .filter_map(|field| Some((field, field.server?)))
    }
}

impl Value {
    /// Checks JSON text and sets what is the server's to set.
    ///
    /// # Errors
    /// When the text is not a valid value without those fields, or a claim is missing or does not fit.
    /// What panics in the code of a type is an error as well: locks may be held here.
    pub fn stamped(
        schema: &'static Schema,
        json: &[u8],
        claims: &Claims,
    ) -> Result<Self, StampError> {
        // What it leaves half done is its own; nothing of ours is lent to it.
        catch_unwind(AssertUnwindSafe(|| {
            Self::stamp_and_parse(schema, json, claims)
        }))
        .unwrap_or(Err(StampError::Panicked(schema.name())))
    }

    fn stamp_and_parse(
        schema: &'static Schema,
        json: &[u8],
        claims: &Claims,
    ) -> Result<Self, StampError> {
        let mut stamps = String::new();
        for (field, claim) in schema.stamps() {
            let value = stamp(field, claim, claims)?;
            let key = Json::from(field.key);
            stamps.push_str(&format!("{key}:{value},"));
        }
        if stamps.is_empty() {
            return Ok(Self::parse(schema, json)?);
        }
        let refused = || StampError::Invalid(judge::explain(schema.shape(), json));
        let at = json.iter().position(|byte| !byte.is_ascii_whitespace());
        let Some((b'{', rest)) = at.and_then(|at| json[at..].split_first()) else {
            return Err(refused());
        };
        let more = rest.iter().find(|byte| !byte.is_ascii_whitespace());
        if more == Some(&b'}') {
            stamps.pop();
        }
        // A client that sends such a field has its key twice now.
        let whole = [b"{", stamps.as_bytes(), rest].concat();
        (schema.parse)(schema, &whole).map_err(|_| refused())
    }

    /// The same value with what is the server's to set set anew.
    ///
    /// # Errors
    /// When a claim is missing or does not fit.
    pub fn restamped(&self, claims: &Claims) -> Result<Self, StampError> {
        let schema = self.schema();
        if schema.stamps().next().is_none() {
            return Ok(self.clone());
        }
        let mut entries: BTreeMap<&str, &RawValue> =
            serde_json::from_slice(self.json()).expect("such a value is an object");
        for (field, _) in schema.stamps() {
            entries.remove(field.key);
        }
        let rest = serde_json::to_vec(&entries).expect("a map with string keys");
        Self::stamped(schema, &rest, claims)
    }
}

/// The JSON of a field that the server sets.
fn stamp(field: &Field, claim: &'static str, claims: &Claims) -> Result<String, StampError> {
    let Some(value) = claims.get(claim) else {
        return match field.need {
            Need::Default(default) => Ok(default()),
            Need::Optional => Ok("null".to_owned()),
            Need::Required => Err(StampError::Missing {
                field: field.key,
                claim,
            }),
        };
    };
    let json = value.to_string();
    let violations = judge::look_at(field, json.as_bytes(), Side::Output);
    if violations.is_empty() {
        return Ok(json);
    }
    Err(StampError::Unfit {
        field: field.key,
        claim,
        why: Invalid { violations },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::judge::derived;
    use super::super::{Presence, Rule};
    use super::*;

    fn stamped(json: &str, claims: &Claims) -> Result<derived::Claims, StampError> {
        let value = Value::stamped(derived::Claims::SCHEMA, json.as_bytes(), claims)?;
        Ok(value.read().expect("of this type"))
    }

    fn editor() -> Claims {
        Claims::none().with("role", "editor")
    }

    #[test]
    fn what_the_server_sets_comes_from_claims_or_is_the_default() {
        let claims = editor().with("team", "blue").with("level", 3);
        let all = derived::Claims {
            x: 1,
            role: "editor".to_owned(),
            team: Some("blue".to_owned()),
            level: 3,
        };
        assert_eq!(stamped(r#" { "x" : 1 } "#, &claims), Ok(all.clone()));
        let bare = derived::Claims {
            team: None,
            level: 7,
            ..all
        };
        assert_eq!(stamped(r#"{"x":1}"#, &editor()), Ok(bare));
    }

    #[test]
    fn without_claim_and_default_nobody_announces() {
        let missing = StampError::Missing {
            field: "role",
            claim: "role",
        };
        assert_eq!(stamped(r#"{"x":1}"#, &Claims::none()), Err(missing));
    }

    #[test]
    fn a_claim_that_does_not_fit_is_not_taken() {
        for (name, value) in [
            ("role", json!("much too long")),
            ("role", json!(null)),
            ("level", json!(256)),
            ("team", json!(["blue"])),
        ] {
            let claims = editor().with(name, value.clone());
            let found = stamped(r#"{"x":1}"#, &claims);
            assert!(
                matches!(&found, Err(StampError::Unfit { claim, .. }) if *claim == name),
                "{name} {value}: {found:?}"
            );
        }
    }

    #[test]
    fn a_client_sets_nothing_that_is_the_servers() {
        for (json, path, rule) in [
            (r#"{"x":1,"role":"admin"}"#, "/role", Rule::Server),
            (r#"{"level":7,"x":1}"#, "/level", Rule::Server),
            (r#"{"x":1,"team":null}"#, "/team", Rule::Server),
            (r#"{"rol":"admin","x":1}"#, "/rol", Rule::Unknown),
            ("{}", "/x", Rule::Required),
            ("{,}", "", Rule::Json),
            ("[]", "", Rule::Type),
            ("", "", Rule::Json),
            (r#"{"x":1}}"#, "", Rule::Json),
        ] {
            let Err(StampError::Invalid(invalid)) = stamped(json, &editor()) else {
                panic!("{json}");
            };
            let found: Vec<_> = invalid
                .violations
                .iter()
                .map(|it| (it.path.as_str(), it.rule))
                .collect();
            assert_eq!(found, [(path, rule)], "{json}");
        }
    }

    #[test]
    fn restamping_changes_only_what_is_the_servers() {
        let value = Value::stamped(derived::Claims::SCHEMA, br#"{"x":5}"#, &editor());
        let value = value.expect("valid");
        let viewer = Claims::none().with("role", "viewer").with("level", 1);
        let restamped = value.restamped(&viewer).expect("claims that fit");
        assert_eq!(
            restamped.read(),
            Some(derived::Claims {
                x: 5,
                role: "viewer".to_owned(),
                team: None,
                level: 1,
            })
        );
        assert!(value.restamped(&Claims::none()).is_err());
        let other = Value::new(&derived::Line(None)).expect("valid");
        assert_eq!(other.restamped(&Claims::none()), Ok(other.clone()));
    }
}
