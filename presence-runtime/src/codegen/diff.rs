//! Where two JSON documents differ first.

use serde_json::Value;

/// A difference.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    /// Where, as a JSON Pointer.
    pub(super) pointer: String,
    pub(super) left: String,
    pub(super) right: String,
}

/// The first difference in the order of the left document.
pub(super) fn first(left: &Value, right: &Value) -> Option<Difference> {
    at(left, right, &mut String::new())
}

fn at(left: &Value, right: &Value, pointer: &mut String) -> Option<Difference> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let keys = left
                .keys()
                .chain(right.keys().filter(|key| !left.contains_key(*key)));
            keys.into_iter().find_map(|key| {
                let key_pointer = key.replace('~', "~0").replace('/', "~1");
                inside(pointer, &key_pointer, left.get(key), right.get(key))
            })
        }
        (Value::Array(left), Value::Array(right)) => (0..left.len().max(right.len()))
            .find_map(|i| inside(pointer, &i.to_string(), left.get(i), right.get(i))),
        _ if left == right => None,
        _ => Some(difference(pointer, Some(left), Some(right))),
    }
}

fn inside(
    pointer: &mut String,
    key: &str,
    left: Option<&Value>,
    right: Option<&Value>,
) -> Option<Difference> {
    let mark = pointer.len();
    pointer.push('/');
    pointer.push_str(key);
    let found = match (left, right) {
        (Some(left), Some(right)) => at(left, right, pointer),
        _ => Some(difference(pointer, left, right)),
    };
    pointer.truncate(mark);
    found
}

fn difference(pointer: &str, left: Option<&Value>, right: Option<&Value>) -> Difference {
    let text = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    Difference {
        pointer: pointer.to_owned(),
        left: text(left),
        right: text(right),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(left: &Value, right: &Value) -> Option<(String, String, String)> {
        first(left, right).map(|it| (it.pointer, it.left, it.right))
    }

    #[test]
    fn equal_documents_do_not_differ() {
        let document = json!({ "a": [1, { "b": null }], "c": "d" });
        assert_eq!(found(&document, &document.clone()), None);
    }

    #[test]
    fn the_pointer_leads_to_the_difference() {
        let other = |pointer: &str, left: &str, right: &str| {
            Some((pointer.to_owned(), left.to_owned(), right.to_owned()))
        };
        let left = json!({ "a/b": [1, 2], "c": 1 });
        assert_eq!(
            found(&left, &json!({ "a/b": [1, 3], "c": 1 })),
            other("/a~1b/1", "2", "3")
        );
        assert_eq!(
            found(&left, &json!({ "a/b": [1], "c": 1 })),
            other("/a~1b/1", "2", "nothing")
        );
        assert_eq!(
            found(&left, &json!({ "a/b": [1, 2] })),
            other("/c", "1", "nothing")
        );
        assert_eq!(
            found(&left, &json!({ "a/b": [1, 2], "c": 1, "d": {} })),
            other("/d", "nothing", "{}")
        );
    }
}
