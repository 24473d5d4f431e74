//! The example runs, ends by itself and says what happened.

use std::process::Command;

#[test]
fn everybody_who_comes_is_seen_and_everybody_leaves() {
    let done = Command::new(env!("CARGO_BIN_EXE_embedded"))
        .output()
        .expect("the example runs");
    let said = String::from_utf8(done.stdout).expect("text");
    assert!(done.status.success(), "{said}");
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    for line in [
        "hook  ann joined",
        "watcher  bot is at 100",
        "hook  bot left at 100: Left",
        "watcher  bot left: Left",
        "watcher  ann is at 1, typing",
        "watcher  ann is at 1",
        "hub  ann is in [\"boards:42:cursors\"]",
        "hook  ann left at 1: Shutdown",
        "hook  boards:42:cursors is empty",
        "watcher  ann left: Shutdown",
    ] {
        assert!(lines.contains(&line), "{line:?} in\n{said}");
    }
    assert_eq!(lines.last(), Some(&"watcher  that was all"));
    let moves = lines
        .iter()
        .filter(|it| it.starts_with("watcher  bot is at"));
    assert!((2..60).contains(&moves.count()), "conflated:\n{said}");
}
