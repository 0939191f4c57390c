//! How long a call takes in one thread, without a socket: what the JMH benchmark is compared with.

use crate::guest::{input, Pool};
use anyhow::Result;
use std::hint::black_box;
use std::time::{Duration, Instant};
use zentinel_agent_protocol::RequestHeadersEvent;

/// A multiple of the events, of which there are sixteen.
const BATCH: usize = 1600;

/// Prints nanoseconds per call of each round: the whole way from event to answer, and the module's
/// part of it. The file's events are taken in turn.
pub fn measure(module: &str, events: &str, rounds: usize, seconds: f64) -> Result<()> {
    let mut guest = Pool::new(module, 1)?.instantiate()?;
    let events = serde_json::Deserializer::from_slice(&std::fs::read(events)?)
        .into_iter()
        .collect::<serde_json::Result<Vec<RequestHeadersEvent>>>()?;
    let jsons = events.iter().map(input).collect::<Result<Vec<_>>>()?;
    let length = Duration::from_secs_f64(seconds);
    let (mut whole, mut module_alone) = (vec![], vec![]);
    for round in 0..=rounds {
        let decide = per_call(length, &events, |event| {
            guest.decide(event).map(|answer| drop(black_box(answer)))
        })?;
        let call = per_call(length, &jsons, |json| {
            guest.call(json.as_bytes()).map(|out| drop(black_box(out)))
        })?;
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

fn per_call<T>(
    length: Duration,
    inputs: &[T],
    mut call: impl FnMut(&T) -> Result<()>,
) -> Result<f64> {
    let start = Instant::now();
    let mut calls = 0;
    while start.elapsed() < length {
        for input in inputs.iter().cycle().take(BATCH) {
            call(input)?;
        }
        calls += BATCH;
    }
    Ok(start.elapsed().as_nanos() as f64 / calls as f64)
}
