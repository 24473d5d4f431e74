use presence_runtime::Presence;

#[derive(Presence)]
struct Cursor {
    #[presence(wire = "String")]
    unbounded: std::net::Ipv4Addr,
    #[presence(wire = "not a type")]
    odd: std::net::Ipv4Addr,
    #[presence(wire = 3)]
    number: std::net::Ipv4Addr,
}

fn main() {}
