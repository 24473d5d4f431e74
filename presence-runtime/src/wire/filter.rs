//! Filters: whom a subscription hears of, as a client says it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::envelope::{MAX_USERS, TEXTS, unit};
use crate::schema::{Content, Enum, Rules, Shape, Tag, Variant};

/// Whom a subscription hears of: `"everybody"`, `"count"`, `"following"` or `{"users": […]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Filter {
    /// Of everybody.
    #[default]
    Everybody,
    /// Of nobody; only how many there are.
    Count,
    /// Of those whom the subscribing session follows in the topic, as it is at any time.
    Following,
    /// Of these users.
    Users(Vec<String>),
}

impl Filter {
    /// The filter of this name; `users` has none, it stands with its list.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "everybody" => Self::Everybody,
            "count" => Self::Count,
            "following" => Self::Following,
            _ => return None,
        })
    }

    pub(super) const SHAPE: &'static Shape = &Shape::Enum(&Enum {
        name: "Filter",
        docs: "",
        tag: Tag::External,
        variants: &[
            unit("everybody"),
            unit("count"),
            unit("following"),
            Variant {
                key: "users",
                docs: "",
                content: Content::Newtype(
                    TEXTS,
                    Rules {
                        max_items: Some(MAX_USERS),
                        ..Rules::NONE
                    },
                ),
            },
        ],
    });
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Said;
        impl<'de> Visitor<'de> for Said {
            type Value = Filter;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a filter")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Filter, E> {
                Filter::named(name).ok_or_else(|| E::custom("no such filter"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Filter, A::Error> {
                let users = match map.next_entry::<String, Vec<String>>()? {
                    Some((key, users)) if key == "users" && users.len() <= MAX_USERS => users,
                    _ => return Err(A::Error::custom("`users` and at most 128 of them")),
                };
                match map.next_key::<String>()? {
                    None => Ok(Filter::Users(users)),
                    Some(_) => Err(A::Error::custom("one key only")),
                }
            }
        }
        deserializer.deserialize_any(Said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Rule, explain};

    fn read(json: &str) -> Result<Filter, Vec<(String, Rule)>> {
        serde_json::from_str(json).map_err(|_| {
            let invalid = explain(Filter::SHAPE, json.as_bytes());
            let violations = invalid.violations.into_iter();
            violations.map(|it| (it.path, it.rule)).collect()
        })
    }

    #[test]
    fn a_filter_is_a_word_or_a_list_of_users() {
        assert_eq!(read(r#""everybody""#), Ok(Filter::Everybody));
        assert_eq!(read(r#""count""#), Ok(Filter::Count));
        assert_eq!(read(r#""following""#), Ok(Filter::Following));
        let users =
            |users: &[&str]| Ok(Filter::Users(users.iter().map(|it| (*it).into()).collect()));
        assert_eq!(read(r#"{"users": []}"#), users(&[]));
        assert_eq!(read(r#"{"users": ["ann", "bob"]}"#), users(&["ann", "bob"]));
    }

    #[test]
    fn what_is_no_filter_is_explained() {
        for (json, path, rule) in [
            (r#""users""#, "", Rule::Type),
            (r#""nobody""#, "", Rule::Variant),
            ("null", "", Rule::Type),
            (r#"["count"]"#, "", Rule::Type),
            ("{}", "", Rule::Type),
            (r#"{"count": null}"#, "", Rule::Type),
            (r#"{"users": "ann"}"#, "/users", Rule::Type),
            (r#"{"users": [1]}"#, "/users/0", Rule::Type),
            (r#"{"users": [], "users": []}"#, "/users", Rule::Duplicate),
        ] {
            let found = read(json).expect_err(json);
            assert_eq!(found, [(path.to_owned(), rule)], "{json}");
        }
    }

    #[test]
    fn a_filter_names_at_most_128_users() {
        let users = |count| format!("{{\"users\": {:?}}}", vec!["ann"; count]);
        assert!(read(&users(127)).is_ok());
        assert!(read(&users(128)).is_ok());
        let found = read(&users(129)).expect_err("too many");
        assert_eq!(found, [("/users".to_owned(), Rule::MaxItems)]);
    }
}
