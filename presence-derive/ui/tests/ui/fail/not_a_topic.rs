use presence_runtime::Presence;

#[derive(Presence)]
struct Point {
    x: f64,
}

fn register() {
    presence_runtime::Topics::new().register::<Point>();
}

fn main() {}
