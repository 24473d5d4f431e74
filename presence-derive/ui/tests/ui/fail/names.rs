use presence_runtime::Presence;

#[derive(Presence)]
#[presence(name = "my cursor")]
struct Cursor {
    x: f64,
}

#[derive(Presence)]
struct Größe {
    x: f64,
}

#[derive(Presence)]
#[allow(non_camel_case_types)]
struct number {
    x: f64,
}

#[derive(Presence)]
struct Array {
    x: f64,
}

#[derive(Presence)]
#[presence(name = "Schema")]
struct Plan {
    x: f64,
}

fn main() {}
