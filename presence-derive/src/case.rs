//! The conventions of `rename_all`.

/// A convention for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

/// The conventions by their names in attributes.
pub const CASES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

impl Case {
    /// Renames a field, which Rust writes in `snake_case`.
    pub fn field(self, name: &str) -> String {
        match self {
            Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Pascal => pascal(name),
            Self::Camel => lower_first(&pascal(name)),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// Renames a variant, which Rust writes in `PascalCase`.
    pub fn variant(self, name: &str) -> String {
        match self {
            Self::Pascal => name.to_owned(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => lower_first(name),
            Self::Snake => snake(name),
            Self::ScreamingSnake => snake(name).to_ascii_uppercase(),
            Self::Kebab => snake(name).replace('_', "-"),
            Self::ScreamingKebab => snake(name).to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn pascal(snake: &str) -> String {
    snake
        .split('_')
        .flat_map(|word| {
            let mut chars = word.chars();
            chars
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(chars)
        })
        .collect()
}

fn snake(pascal: &str) -> String {
    let mut text = String::new();
    for (i, c) in pascal.char_indices() {
        if c.is_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(chars)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expectations are serde's documentation and the tests of serde_derive.
    #[test]
    fn renames_as_serde_does() {
        let fields = ["outcome", "very_tasty", "a", "z42"];
        let variants = ["Outcome", "VeryTasty", "A", "Z42"];
        let expected = [
            ("lowercase", fields, ["outcome", "verytasty", "a", "z42"]),
            (
                "UPPERCASE",
                ["OUTCOME", "VERY_TASTY", "A", "Z42"],
                ["OUTCOME", "VERYTASTY", "A", "Z42"],
            ),
            ("PascalCase", variants, variants),
            (
                "camelCase",
                ["outcome", "veryTasty", "a", "z42"],
                ["outcome", "veryTasty", "a", "z42"],
            ),
            ("snake_case", fields, fields),
            (
                "SCREAMING_SNAKE_CASE",
                ["OUTCOME", "VERY_TASTY", "A", "Z42"],
                ["OUTCOME", "VERY_TASTY", "A", "Z42"],
            ),
            (
                "kebab-case",
                ["outcome", "very-tasty", "a", "z42"],
                ["outcome", "very-tasty", "a", "z42"],
            ),
            (
                "SCREAMING-KEBAB-CASE",
                ["OUTCOME", "VERY-TASTY", "A", "Z42"],
                ["OUTCOME", "VERY-TASTY", "A", "Z42"],
            ),
        ];
        for ((name, case), (expected_name, as_fields, as_variants)) in CASES.iter().zip(expected) {
            assert_eq!(*name, expected_name);
            assert_eq!(fields.map(|it| case.field(it)), as_fields, "{name}");
            assert_eq!(variants.map(|it| case.variant(it)), as_variants, "{name}");
        }
    }
}
