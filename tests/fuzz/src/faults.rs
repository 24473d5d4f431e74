//! What every refusal has to be.

use presence_runtime::Fault;
use presence_runtime::schema::Violation;

/// Asserts that a fault can be sent, and says something.
pub(crate) fn check(fault: &Fault) {
    assert!(!fault.message.is_empty());
    let json: serde_json::Value = serde_json::from_slice(&fault.to_json()).expect("JSON");
    assert_eq!(json["error"]["message"], *fault.message);
    check_details(&fault.details);
}

/// Asserts that what is wrong is said in bounds.
pub(crate) fn check_details(details: &[Violation]) {
    assert!(details.len() <= 16, "{} details", details.len());
    for it in details {
        assert!(it.found.chars().count() <= 64, "{it:?}");
        assert!(
            !it.expected.is_empty() && !it.expected.starts_with("what the typed decoding takes"),
            "{it:?}"
        );
        assert!(it.path.is_empty() || it.path.starts_with('/'), "{it:?}");
    }
}
