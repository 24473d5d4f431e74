//! Serves the topics of the ported examples, for their tests: `cargo run -p ported -- 127.0.0.1:7703`.

use std::process::ExitCode;

use presence_runtime::interrupted;

#[tokio::main]
async fn main() -> ExitCode {
    let addr = std::env::args().nth(1);
    let addr = addr.as_deref().unwrap_or("127.0.0.1:7703");
    match ported::standalone::bind(addr, ported::topics()).await {
        Ok(server) => {
            eprintln!("ported listens on http://{}/presence", server.addr());
            server.run(interrupted()).await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("ported: {error}");
            ExitCode::FAILURE
        }
    }
}
