//! The reference's version-2 server with the Rust agent's handler behind it. The Rust agent 0.1.0
//! itself speaks version 1 alone; this is what its version 2 is to be compared with.

mod calls;
mod guest;

use anyhow::{bail, Result};
use guest::Pool;
use zentinel_agent_protocol::v2::{AgentCapabilities, AgentHandlerV2, UdsAgentServerV2};
use zentinel_agent_protocol::{AgentResponse, EventType, RequestHeadersEvent};

const USAGE: &str = "usage: reference-v2 serve SOCKET MODULE POOL_SIZE
       reference-v2 calls MODULE EVENTS_JSON ROUNDS SECONDS";

struct Handler(Pool);

#[async_trait::async_trait]
impl AgentHandlerV2 for Handler {
    fn capabilities(&self) -> AgentCapabilities {
        AgentCapabilities::new("reference-v2", "reference-v2", "0.1.0")
            .with_event(EventType::RequestHeaders)
    }

    async fn on_request_headers(&self, event: RequestHeadersEvent) -> AgentResponse {
        self.0.decide(&event).await.unwrap_or_else(|problem| {
            eprintln!("{problem:#}"); // the load generator takes the answer for a wrong one
            AgentResponse::block(500, Some("Wasm Error".to_owned()))
        })
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", socket, module, pool_size] => serve(socket, module, pool_size.parse()?),
        ["calls", module, events, rounds, seconds] => {
            calls::measure(module, events, rounds.parse()?, seconds.parse()?)
        }
        _ => bail!("{USAGE}"),
    }
}

#[tokio::main]
async fn serve(socket: &str, module: &str, pool_size: usize) -> Result<()> {
    let handler = Handler(Pool::new(module, pool_size)?);
    UdsAgentServerV2::new("reference-v2", socket, Box::new(handler)).run().await?;
    Ok(())
}
