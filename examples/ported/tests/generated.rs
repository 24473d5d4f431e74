//! What the pages import is what the types say.

use std::path::Path;

use presence_runtime::codegen::{Folder, render};

#[test]
fn the_emitted_types_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/generated");
    let files = render(&ported::topics()).expect("the topics can be rendered");
    let emitted: Vec<_> = files
        .iter()
        .filter(|it| it.folder == Folder::Generated)
        .collect();
    assert_eq!(folder.read_dir().expect("emitted").count(), emitted.len());
    for file in emitted {
        let found = std::fs::read_to_string(folder.join(&file.name)).expect("emitted");
        assert!(found == file.text, "{}: run `make codegen`", file.name);
    }
}
