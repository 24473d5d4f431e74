//! Texts that mean something to the code of the types, which random ones hardly ever do.

use presence_runtime::schema::Rules;

/// Numbers and addresses, short and as long as they get.
const SAID: [&str; 8] = [
    "0",
    "-1",
    "4096",
    "-9223372036854775808",
    "340282366920938463463374607431768211455",
    "1.2.3.4",
    "127.0.0.1",
    "255.255.255.255",
];

/// Those that keep the rules.
pub(crate) fn said(rules: &Rules) -> impl Iterator<Item = &'static str> {
    let fits = move |text: &&str| {
        let chars = text.chars().count();
        rules.min_chars.is_none_or(|min| chars >= min)
            && rules.max_chars.is_none_or(|max| chars <= max)
            && rules.pattern.is_none_or(|it| (it.matches)(text))
    };
    SAID.into_iter().filter(fits)
}
