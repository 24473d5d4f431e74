//! What somebody probably meant by a key that nobody knows.

/// The known key nearest to the unknown one, when it is near enough to be meant.
pub(crate) fn to<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    // Longer keys are no typing mistakes, and comparing them would take long.
    if unknown.chars().nth(32).is_some() {
        return None;
    }
    let near = unknown.chars().count().max(3).div_ceil(3);
    known
        .iter()
        .map(|key| (distance(unknown, key), key))
        .filter(|(distance, _)| *distance <= near)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, key)| *key)
}

/// How many characters must be put in, taken out or replaced, case aside.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().flat_map(char::to_lowercase).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_and_other_spellings_are_near() {
        let known = ["x", "label", "userId"];
        let meant = |key| to(key, &known);
        assert_eq!(meant("lable"), Some("label"));
        assert_eq!(meant("labl"), Some("label"));
        assert_eq!(meant("Label"), Some("label"));
        assert_eq!(meant("user_id"), Some("userId"));
        assert_eq!(meant("colour"), None);
        assert_eq!(meant(&"label".repeat(10)), None);
    }
}
