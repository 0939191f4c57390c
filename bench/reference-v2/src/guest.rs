//! The module on wasmtime, with the settings and the host work of the Rust agent 0.1.0: a pool of
//! instances behind one lock, an instance made when none is left and dropped when the pool is full.

use anyhow::{anyhow, Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use tokio::sync::Mutex;
use wasmtime::{Config, Engine, Instance, Memory, Module, Store, TypedFunc};
use zentinel_agent_protocol::{AgentResponse, AuditMetadata, HeaderOp, RequestHeadersEvent};

/// What the module is given.
#[derive(Serialize)]
struct GuestRequest {
    method: String,
    uri: String,
    client_ip: String,
    correlation_id: String,
    headers: HashMap<String, String>,
}

/// What it returns.
#[derive(Deserialize)]
struct GuestResult {
    decision: String,
    status: Option<u16>,
    body: Option<String>,
    add_request_headers: Option<HashMap<String, String>>,
    remove_request_headers: Option<Vec<String>>,
    add_response_headers: Option<HashMap<String, String>>,
    remove_response_headers: Option<Vec<String>>,
    tags: Option<Vec<String>>,
}

pub struct Guest {
    store: Store<()>,
    memory: Memory,
    alloc: TypedFunc<i32, i32>,
    dealloc: TypedFunc<(i32, i32), ()>,
    on_request_headers: TypedFunc<(i32, i32), i64>,
}

impl Guest {
    /// From an event to the answer, with all the work that the Rust agent does on the way.
    pub fn decide(&mut self, event: &RequestHeadersEvent) -> Result<AgentResponse> {
        let output = self.call(input(event)?.as_bytes())?;
        Ok(answer(serde_json::from_str(&output)?))
    }

    /// The module's part alone: the event's JSON in, the result's JSON out.
    pub fn call(&mut self, input: &[u8]) -> Result<String> {
        let store = &mut self.store;
        let length = input.len() as i32;
        let at = self.alloc.call(&mut *store, length)?;
        self.memory.write(&mut *store, at as usize, input)?;
        let packed = self.on_request_headers.call(&mut *store, (at, length))? as u64;
        self.dealloc.call(&mut *store, (at, length))?;
        let (at, length) = ((packed >> 32) as i32, packed as i32);
        if at == 0 || length == 0 {
            return Ok(r#"{"decision":"allow"}"#.to_owned());
        }
        let mut output = vec![0; length as usize];
        self.memory.read(&*store, at as usize, &mut output)?;
        self.dealloc.call(&mut *store, (at, length))?;
        String::from_utf8(output).context("the result is no UTF-8")
    }
}

pub fn input(event: &RequestHeadersEvent) -> Result<String> {
    let headers = event.headers.iter();
    Ok(serde_json::to_string(&GuestRequest {
        method: event.method.clone(),
        uri: event.uri.clone(),
        client_ip: event.metadata.client_ip.clone(),
        correlation_id: event.metadata.correlation_id.clone(),
        headers: headers.map(|(name, values)| (name.clone(), values.join(", "))).collect(),
    })?)
}

fn answer(result: GuestResult) -> AgentResponse {
    let mut answer = match result.decision.to_lowercase().as_str() {
        "block" | "deny" => AgentResponse::block(result.status.unwrap_or(403), result.body),
        "redirect" => {
            let block = AgentResponse::block(result.status.unwrap_or(302), None);
            match result.body {
                Some(value) => block.add_response_header(set("Location".to_owned(), value)),
                None => block,
            }
        }
        _ => AgentResponse::default_allow(),
    };
    for (name, value) in result.add_request_headers.into_iter().flatten() {
        answer = answer.add_request_header(set(name, value));
    }
    for name in result.remove_request_headers.into_iter().flatten() {
        answer = answer.add_request_header(HeaderOp::Remove { name });
    }
    for (name, value) in result.add_response_headers.into_iter().flatten() {
        answer = answer.add_response_header(set(name, value));
    }
    for name in result.remove_response_headers.into_iter().flatten() {
        answer = answer.add_response_header(HeaderOp::Remove { name });
    }
    match result.tags {
        Some(tags) => answer.with_audit(AuditMetadata { tags, ..Default::default() }),
        None => answer,
    }
}

fn set(name: String, value: String) -> HeaderOp {
    HeaderOp::Set { name, value }
}

pub struct Pool {
    engine: Engine,
    module: Module,
    idle: Mutex<Vec<Guest>>,
    size: usize,
}

impl Pool {
    pub fn new(module: &str, size: usize) -> Result<Self> {
        let mut config = Config::new();
        config.wasm_multi_memory(true).wasm_bulk_memory(true);
        let engine = Engine::new(&config)?;
        let module = Module::from_file(&engine, module)?;
        let idle = Mutex::new(Vec::with_capacity(size));
        Ok(Self { engine, module, idle, size })
    }

    pub fn instantiate(&self) -> Result<Guest> {
        let mut store = Store::new(&self.engine, ());
        let instance = Instance::new(&mut store, &self.module, &[])?;
        Ok(Guest {
            memory: instance
                .get_memory(&mut store, "memory")
                .ok_or_else(|| anyhow!("no memory is exported"))?,
            alloc: instance.get_typed_func(&mut store, "alloc")?,
            dealloc: instance.get_typed_func(&mut store, "dealloc")?,
            on_request_headers: instance.get_typed_func(&mut store, "on_request_headers")?,
            store,
        })
    }

    pub async fn decide(&self, event: &RequestHeadersEvent) -> Result<AgentResponse> {
        let idle = self.idle.lock().await.pop();
        let mut guest = match idle {
            Some(guest) => guest,
            None => self.instantiate()?,
        };
        let answer = guest.decide(event);
        let mut idle = self.idle.lock().await;
        if idle.len() < self.size {
            idle.push(guest);
        }
        answer
    }
}
