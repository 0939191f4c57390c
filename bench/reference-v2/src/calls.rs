//! How long a call takes in one thread, without a socket: what the JMH benchmark is compared with.

use crate::guest::{input, Pool};
use anyhow::Result;
use std::hint::black_box;
use std::time::{Duration, Instant};
use zentinel_agent_protocol::RequestHeadersEvent;

const BATCH: u32 = 1000;

/// Prints nanoseconds per call of each round: the whole way from event to answer, and the module's
/// part of it.
pub fn measure(module: &str, event: &str, rounds: usize, seconds: f64) -> Result<()> {
    let mut guest = Pool::new(module, 1)?.instantiate()?;
    let event: RequestHeadersEvent = serde_json::from_slice(&std::fs::read(event)?)?;
    let json = input(&event)?;
    let length = Duration::from_secs_f64(seconds);
    let (mut whole, mut module_alone) = (vec![], vec![]);
    for round in 0..=rounds {
        let decide =
            per_call(length, || guest.decide(&event).map(|answer| drop(black_box(answer))))?;
        let call =
            per_call(length, || guest.call(json.as_bytes()).map(|out| drop(black_box(out))))?;
        if round > 0 {
            whole.push(decide); // the first round warms up
            module_alone.push(call);
        }
    }
    println!(
        "{}",
        serde_json::json!({ "event_to_answer_ns": whole, "module_alone_ns": module_alone })
    );
    Ok(())
}

fn per_call(length: Duration, mut call: impl FnMut() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    let mut calls = 0u64;
    while start.elapsed() < length {
        for _ in 0..BATCH {
            call()?;
        }
        calls += u64::from(BATCH);
    }
    Ok(start.elapsed().as_nanos() as f64 / calls as f64)
}
