//! What is published of the crates: everything that is needed, and nothing else.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The files of a crate as `cargo package` would take them.
fn packaged(name: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "package",
            "--list",
            "--allow-dirty",
            "--offline",
            "-p",
            name,
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let list = String::from_utf8(output.stdout).expect("the names of files are text");
    list.lines().map(|it| it.replace('\\', "/")).collect()
}

fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the crate lies in the workspace")
}

/// Beside the sources there are these, and no others.
const BESIDE: [&str; 8] = [
    ".cargo_vcs_info.json",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
];

#[test]
fn crates_have_their_sources_licenses_readme_and_changelog_and_nothing_else() {
    for name in ["presence-derive", "presence-runtime"] {
        let files = packaged(name);
        let (sources, beside): (BTreeSet<_>, BTreeSet<_>) =
            files.into_iter().partition(|it| it.starts_with("src/"));
        assert!(sources.contains("src/lib.rs"), "{name}: {sources:?}");
        let beside: Vec<_> = beside.iter().map(String::as_str).collect();
        // Without a repository around it there is nothing to tell of it.
        let wanted = BESIDE
            .into_iter()
            .filter(|it| beside.contains(it) || *it != ".cargo_vcs_info.json");
        assert_eq!(beside, wanted.collect::<Vec<_>>(), "{name}");

        let sizes = sources.iter().map(|it| {
            let path = root().join(name).join(it);
            let size = path.metadata().expect("the source is there").len();
            assert!(size < 200_000, "{name}/{it} has {size} bytes");
            size
        });
        assert!(sizes.sum::<u64>() < 3_000_000, "{name}");
    }
}

/// A README is read where nothing lies beside it.
#[test]
fn readmes_of_crates_link_to_addresses_only() {
    for name in ["presence-derive", "presence-runtime"] {
        let path = root().join(name).join("README.md");
        let text = std::fs::read_to_string(path).expect("there is one");
        let links: Vec<_> = text.split("](").skip(1).collect();
        assert!(!links.is_empty(), "{name}");
        for link in links {
            assert!(link.starts_with("https://"), "{name}: {link:.40}");
        }
    }
}
