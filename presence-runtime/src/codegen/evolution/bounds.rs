//! Bounds of numbers, texts and lists, side by side: narrower ones refuse what older clients send.

use serde_json::Value;

use super::compare::Comparison;

impl<'a> Comparison<'a> {
    /// The least and the greatest number.
    pub(super) fn range(&mut self, old: &'a Value, new: &'a Value) {
        self.bound(old, new, "minimum", "at least", false);
        self.bound(old, new, "maximum", "at most", true);
        match (old["x-unit"].as_str(), new["x-unit"].as_str()) {
            (None, None) => {}
            (old, new) if old == new => {}
            (None, Some(new)) => self.fits(format!("is said to be in {new}")),
            (Some(old), None) => self.fits(format!("is not said to be in {old} any longer")),
            (Some(old), Some(new)) => self.breaks(format!("is in {new}, before {old}")),
        }
    }

    /// How many items there are.
    pub(super) fn length(&mut self, old: &'a Value, new: &'a Value, [min, max]: [&str; 2]) {
        self.bound(old, new, min, "at least so many items:", false);
        self.bound(old, new, max, "at most so many items:", true);
    }

    /// How long a text is, and what it looks like.
    pub(super) fn text(&mut self, old: &'a Value, new: &'a Value) {
        self.bound(old, new, "minLength", "at least so many characters:", false);
        self.bound(old, new, "maxLength", "at most so many characters:", true);
        let pattern = |of: &Value| of["allOf"][0]["pattern"].as_str().map(str::to_owned);
        match (pattern(old), pattern(new)) {
            (None, None) => {}
            (old, new) if old == new => {}
            (Some(old), None) => self.fits(format!("need not match {old} any longer")),
            (None, Some(new)) => self.narrows(format!("has to match {new}")),
            (Some(old), Some(new)) => self.narrows(format!("has to match {new}, before {old}")),
        }
    }

    /// A bound on one side, which is no bound where it is absent.
    fn bound(&mut self, old: &Value, new: &Value, key: &str, name: &str, is_upper: bool) {
        let (old, new) = (old.get(key), new.get(key));
        if old == new {
            return;
        }
        let number = |bound: Option<&Value>| bound.and_then(Value::as_f64);
        let is_narrower = match (number(old), number(new)) {
            (Some(old), Some(new)) if is_upper => new < old,
            (Some(old), Some(new)) => new > old,
            (before, _) => before.is_none(),
        };
        let text = |bound: Option<&Value>| bound.map_or("no bound".to_owned(), Value::to_string);
        let what = format!("{name} {}, before {}", text(new), text(old));
        if is_narrower {
            self.narrows(what);
        } else {
            self.fits(what);
        }
    }
}
