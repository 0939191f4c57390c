//! The commands. README.md describes them all.

use std::str::FromStr;

use serde_json::{json, Value};

use crate::event::{Event, Kind};
use crate::misdeeds;
use crate::state::{NextDealloc, STATE};

/// What the handler returns.
pub enum Reply {
    /// These bytes, in a new buffer.
    Result(Vec<u8>),
    /// Just these numbers as address and length.
    Packed(u32, u32),
}

/// Does what the event says.
pub fn obey(event: &Event) -> Reply {
    if !event.is_json() {
        return mistake("the input is no JSON object");
    }
    // None comes from an argument that is missing or no number.
    run(event).unwrap_or_else(|| mistake("bad argument"))
}

fn run(event: &Event) -> Option<Reply> {
    let words = event.command();
    let argument = |at: usize| words.get(at).copied().unwrap_or_default();
    match words.first().copied().unwrap_or_default() {
        "echo" => {}
        "input" => {
            let input = String::from_utf8_lossy(event.input);
            return Some(result(
                json!({ "decision": "block", "status": 200, "body": input }),
            ));
        }
        "result" => return Some(Reply::Result(event.header("x-result").as_bytes().to_vec())),
        "result-hex" => return from_hex(event.header("x-result")).map(Reply::Result),
        "zero" => return Some(Reply::Packed(0, 0)),
        "raw" => return Some(Reply::Packed(number(argument(1))?, number(argument(2))?)),
        "trap" => misdeeds::trap(),
        "trap-1-in" => {
            let (n, k): (u32, u32) = (number(argument(1))?, number(argument(2))?);
            if k.checked_rem(n)? == 0 {
                misdeeds::trap();
            }
        }
        "loop" => misdeeds::loop_for_ever(),
        "spin" => misdeeds::spin(number(argument(1))?),
        "recurse" => return Some(tagged("recurse", misdeeds::recurse(1))),
        "grow" => return Some(tagged("grow", misdeeds::grow(number(argument(1))?))),
        "leak" => misdeeds::leak(number(argument(1))?),
        "count" => return Some(tagged("count", STATE.with(|state| state.calls.get()))),
        "secret" => {
            STATE.with(|state| state.secret.replace(argument(1).to_owned()));
            misdeeds::trap();
        }
        "reveal" => {
            return Some(tagged(
                "secret",
                STATE.with(|state| state.secret.borrow().clone()),
            ))
        }
        "next-alloc" => {
            let lie = number(argument(1))?;
            STATE.with(|state| state.next_alloc.set(Some(lie)));
        }
        "dealloc-trap" => STATE.with(|state| state.next_dealloc.set(NextDealloc::Traps)),
        "dealloc-loop" => STATE.with(|state| state.next_dealloc.set(NextDealloc::Loops)),
        _ => return Some(result(json!({ "decision": "allow" }))),
    }
    Some(echo(event))
}

/// Says to which event it belongs, so that a test can tell answers apart.
fn echo(event: &Event) -> Reply {
    let correlation_id = event.text("correlation_id");
    let mut verdict = json!({ "decision": "allow", "tags": [format!("echo:{correlation_id}")] });
    match event.kind {
        Kind::Request => {
            verdict["add_request_headers"] = json!({
                "x-correlation-id": correlation_id,
                "x-method": event.text("method"),
                "x-client-ip": event.text("client_ip"),
                "x-input-hash": format!("{:016x}", fnv1a(event.input)),
            });
        }
        Kind::Response => {
            verdict["add_response_headers"] = json!({
                "x-correlation-id": correlation_id,
                "x-status": event.status(),
            });
        }
    }
    result(verdict)
}

fn tagged(name: &str, value: impl ToString) -> Reply {
    let tag = format!("{name}:{}", value.to_string());
    result(json!({ "decision": "allow", "tags": [tag] }))
}

/// A test has made a mistake: it should notice.
fn mistake(what: &str) -> Reply {
    result(json!({ "decision": "block", "status": 500, "body": what, "tags": ["puppet:mistake"] }))
}

fn result(verdict: Value) -> Reply {
    Reply::Result(verdict.to_string().into_bytes())
}

fn number<N: FromStr>(text: &str) -> Option<N> {
    text.parse().ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() % 2 != 0 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |pair: &[u8]| u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok();
    text.as_bytes().chunks_exact(2).map(byte).collect()
}

/// FNV-1a, 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
