//! Who is here: documents, who reads them, and whether they may be disturbed. The page is Vue, and
//! speaks HTTP and event streams alone.
//!
//! `make who` builds the page and runs this on <http://127.0.0.1:7703>. Without the page:
//!
//! ```sh
//! cargo run -p who-is-here
//! export ANN="Authorization: Bearer ann.$(printf 'Ann Baker' | base64)"
//! curl http://127.0.0.1:7703/presence/documents:handbook:readers/value -H "$ANN"
//! ```

mod guests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use presence_runtime::server::Pages;
use presence_runtime::{Config, Hub, Server, interrupted};
use tracing_subscriber::filter::LevelFilter;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/page/dist");

/// Serves the page, and who reads which document below /presence.
#[derive(Parser)]
struct Args {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:7703")]
    addr: String,
    /// The built page, served at /
    #[arg(long, value_name = "DIR", default_value = PAGE)]
    pages: PathBuf,
    /// What to log: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_target(false)
        .with_max_level(args.log)
        .init();
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("who-is-here: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::bind_hub(&args.addr, hub(Config::from_env()?)?).await?;
    let addr = server.addr();
    let server = match pages(&args.pages) {
        Some(pages) => {
            eprintln!("who-is-here: open http://{addr} in two browsers, or twice in one");
            server.with_pages(pages)
        }
        None => server,
    };
    eprintln!("who-is-here listens on http://{addr}/presence");
    server.run(interrupted()).await;
    Ok(())
}

/// Whoever has a name may read all documents and be seen in them. Topics of other types have no rule and
/// are for nobody.
fn hub(config: Config) -> Result<Hub, presence_runtime::server::ConfigError> {
    Hub::builder(topics::topics())
        .config(config)
        .authenticate(guests::by_token)
        .authorize::<topics::Reader>(|_, [_document], _| true)
        .authorize::<topics::Typing>(|_, [_document], _| true)
        .build()
}

/// The presence routes are useful alone, so a page that is not built stops nobody.
fn pages(folder: &Path) -> Option<Pages> {
    Pages::read(folder)
        .inspect_err(|error| {
            let folder = folder.display();
            eprintln!("who-is-here: {folder}: {error}: run `make who` to build the page");
        })
        .ok()
}
