//! `tests/ui/fail` holds one file for each rule with the compiler's words beside it, `tests/ui/pass`
//! what must compile. After a change of words: `TRYBUILD=overwrite cargo test -p presence-derive-ui`,
//! and read every message as its reader will.

#[test]
fn mistakes_are_named_where_they_stand() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}
