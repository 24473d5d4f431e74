//! Values whose wire form is another type's: `#[presence(wire = "String")]`.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::{Error, MapAccess};
use serde::ser::SerializeMap;

use super::{AsSerde, Wire, Within, from_json};
use crate::schema::{Field, Rules};

/// How values of a field become JSON and come back. The derive implements it for a type of its own.
pub trait Form {
    /// What the field holds.
    type Rust;
    /// How it looks in JSON.
    type Json: Wire;

    /// What is sent.
    fn send(value: &Self::Rust) -> Self::Json;

    /// What is meant.
    ///
    /// # Errors
    /// What would be right.
    fn take(json: Self::Json) -> Result<Self::Rust, String>;
}

/// What is sent as a `String`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a `String`",
    label = "`{Self}` needs `Display` and `FromStr`",
    note = "what `Display` writes is what `FromStr` reads; the error of `FromStr` needs `Display` as well, and says what would be right"
)]
pub trait Text: Sized {
    /// What is sent.
    fn send(&self) -> String;

    /// What is meant.
    ///
    /// # Errors
    /// What would be right.
    fn take(text: String) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: Display + FromStr<Err: Display>> Text for T {
    fn send(&self) -> String {
        self.to_string()
    }

    fn take(text: String) -> Result<Self, String> {
        text.parse().map_err(|error: T::Err| error.to_string())
    }
}

/// What is sent as a value of another type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as `{Json}`",
    label = "`{Json}` needs `From<&{Self}>`, and `{Self}` needs `TryFrom<{Json}>`",
    note = "`impl From<&{Self}> for {Json}` says what is sent; `impl TryFrom<{Json}> for {Self}` says what is meant, and its error, which needs `Display`, what would be right"
)]
pub trait LooksLike<Json>: Sized {
    /// What is sent.
    fn send(&self) -> Json;

    /// What is meant.
    ///
    /// # Errors
    /// What would be right.
    fn take(json: Json) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T, Json> LooksLike<Json> for T
where
    Json: for<'a> From<&'a T>,
    T: TryFrom<Json, Error: Display>,
{
    fn send(&self) -> Json {
        Json::from(self)
    }

    fn take(json: Json) -> Result<Self, String> {
        Self::try_from(json).map_err(|error| error.to_string())
    }
}

/// The form of an `Option` of what a form is for.
#[derive(Debug)]
pub struct OptionOf<F>(F);

impl<F: Form> Form for OptionOf<F> {
    type Rust = Option<F::Rust>;
    type Json = Option<F::Json>;

    fn send(value: &Self::Rust) -> Self::Json {
        value.as_ref().map(F::send)
    }

    fn take(json: Self::Json) -> Result<Self::Rust, String> {
        json.map(F::take).transpose()
    }
}

/// The form of a `Vec` of what a form is for.
#[derive(Debug)]
pub struct VecOf<F>(F);

impl<F: Form> Form for VecOf<F> {
    type Rust = Vec<F::Rust>;
    type Json = Vec<F::Json>;

    fn send(value: &Self::Rust) -> Self::Json {
        value.iter().map(F::send).collect()
    }

    fn take(json: Self::Json) -> Result<Self::Rust, String> {
        json.into_iter().map(F::take).collect()
    }
}

/// Fills `place` with the value that comes next, once.
///
/// # Errors
/// When the key came before, the value means nothing or would be sent as what breaks a rule, and
/// the deserializer's.
pub fn take_form<'de, F: Form, A: MapAccess<'de>>(
    place: &mut Option<F::Rust>,
    field: &Field,
    map: &mut A,
) -> Result<(), A::Error> {
    if place.is_some() {
        return Err(A::Error::duplicate_field(field.key));
    }
    let json = map.next_value_seed(Within::new(&field.rules))?;
    let value = meant::<F>(json, &field.rules).map_err(A::Error::custom)?;
    *place = Some(value);
    Ok(())
}

/// The value of a field without a default.
///
/// # Errors
/// When it was left out and the wire form does not take `null`.
pub fn required_form<F: Form, E: Error>(
    given: Option<F::Rust>,
    field: &Field,
) -> Result<F::Rust, E> {
    let missing = || F::Json::missing().and_then(|json| F::take(json).ok());
    given
        .or_else(missing)
        .ok_or_else(|| E::missing_field(field.key))
}

/// The value of a field with a default.
///
/// # Errors
/// When it was left out and the default breaks the field's own rules.
pub fn form_or_default<F: Form, E: Error>(
    given: Option<F::Rust>,
    field: &Field,
    default: impl FnOnce() -> F::Rust,
) -> Result<F::Rust, E> {
    given
        .or_else(|| Some(default()).filter(|value| form_keeps::<F>(value, &field.rules)))
        .ok_or_else(|| E::custom("the default breaks a rule of its field"))
}

/// Writes it as a field.
///
/// # Errors
/// The serializer's.
pub fn put_form<F: Form, M: SerializeMap>(
    value: &F::Rust,
    map: &mut M,
    field: &Field,
) -> Result<(), M::Error> {
    map.serialize_entry(field.key, &AsSerde(&F::send(value)))
}

/// Its JSON.
#[must_use]
pub fn form_json<F: Form>(value: &F::Rust) -> String {
    F::send(value).json()
}

/// Whether it is sent as what keeps the rules.
pub fn form_keeps<F: Form>(value: &F::Rust, rules: &Rules) -> bool {
    F::send(value).keeps(rules)
}

/// The value of JSON that keeps the shape and rules.
///
/// # Errors
/// Never; it is a `Result` like that of [`judge_form`].
pub fn judged<T: Wire>(json: &str, rules: &Rules) -> Result<T, String> {
    Ok(from_json(json.as_bytes(), rules)
        .expect("the code of a type is asked after everything else"))
}

/// What `F` says about JSON that keeps the shape and rules.
///
/// # Errors
/// What would be right.
pub fn judge_form<F: Form>(json: &str, rules: &Rules) -> Result<F::Rust, String> {
    meant::<F>(judged(json, rules)?, rules)
}

/// What is meant, when it would be sent as what keeps the rules again.
fn meant<F: Form>(json: F::Json, rules: &Rules) -> Result<F::Rust, String> {
    let value = F::take(json)?;
    if form_keeps::<F>(&value, rules) {
        Ok(value)
    } else {
        Err("a value that keeps the rules in its canonical form too".to_owned())
    }
}
