use presence_runtime::Presence;

#[derive(Presence)]
struct Folder {
    #[presence(max_items = 2)]
    files: Vec<File>,
}

#[derive(Presence)]
struct File {
    parent: Option<Box<Folder>>,
}

fn main() {}
