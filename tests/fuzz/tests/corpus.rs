//! What the fuzzers found worth keeping, played again without them.

use std::fs;
use std::path::Path;

use fuzzed::TARGETS;

#[test]
fn every_target_is_right_about_its_whole_corpus() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    for (name, target) in TARGETS {
        let folder = root.join("corpus").join(name);
        let files = fs::read_dir(&folder).expect("a corpus for every target");
        let mut count = 0;
        for file in files {
            let path = file.expect("an entry").path();
            let input = fs::read(&path).expect("a file");
            let done = std::panic::catch_unwind(|| target(&input));
            assert!(done.is_ok(), "{name} is wrong about {}", path.display());
            count += 1;
        }
        assert!(count >= 20, "{name} has a corpus of {count} only");
    }
}

#[test]
fn every_target_has_its_fuzzer_and_every_fuzzer_its_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let fuzzers = fs::read_dir(root.join("fuzz_targets")).expect("fuzzers");
    let mut fuzzers: Vec<_> = fuzzers
        .map(|it| {
            it.expect("an entry")
                .path()
                .file_stem()
                .expect("a name")
                .to_owned()
        })
        .collect();
    fuzzers.sort();
    assert_eq!(fuzzers, TARGETS.map(|it| it.0));
}
