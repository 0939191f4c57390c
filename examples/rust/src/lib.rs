//! The small policy in Rust. Its twins in the other languages are in the neighbouring directories.

use std::slice;

use serde_json::{json, Value};

const PROTECTED: &str = "/admin";

fn on_request(event: &Value) -> Value {
    let uri = event["uri"].as_str().unwrap_or("");
    let authorized = event["headers"]["authorization"]
        .as_str()
        .map_or(false, |value| !value.is_empty());
    if is_protected(uri) && !authorized {
        return json!({
            "decision": "block",
            "status": 403,
            "body": "Authorization required",
            "tags": ["auth-required"],
        });
    }
    json!({
        "decision": "allow",
        "add_request_headers": {"x-wasm-policy": "checked"},
        "tags": ["checked"],
    })
}

fn on_response(event: &Value) -> Value {
    let failed = event["status"].as_u64().unwrap_or(0) >= 500;
    let tags: &[&str] = if failed { &["upstream-error"] } else { &[] };
    json!({
        "decision": "allow",
        "add_response_headers": {"x-wasm-policy": "checked"},
        "tags": tags,
    })
}

/// The path itself, or something below it.
fn is_protected(uri: &str) -> bool {
    let path = uri.split(['?', '#'].as_ref()).next().unwrap_or("");
    match path.strip_prefix(PROTECTED) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// Lends the host a buffer.
#[no_mangle]
pub extern "C" fn alloc(size: usize) -> *mut u8 {
    give_away(vec![0; size]).0
}

/// Takes back what `alloc` or a handler has given away.
///
/// # Safety
/// `ptr` and `size` are as they were given away, once.
#[no_mangle]
pub unsafe extern "C" fn dealloc(ptr: *mut u8, size: usize) {
    drop(Vec::from_raw_parts(ptr, size, size));
}

/// # Safety
/// `ptr` and `len` are a buffer of `alloc`'s, written by the host.
#[no_mangle]
pub unsafe extern "C" fn on_request_headers(ptr: *const u8, len: usize) -> u64 {
    answer(ptr, len, on_request)
}

/// # Safety
/// As for [`on_request_headers`].
#[no_mangle]
pub unsafe extern "C" fn on_response_headers(ptr: *const u8, len: usize) -> u64 {
    answer(ptr, len, on_response)
}

unsafe fn answer(ptr: *const u8, len: usize, decide: fn(&Value) -> Value) -> u64 {
    // The agent writes JSON. If it ever did not, the trap is a module error, and named in its log.
    let event = serde_json::from_slice(slice::from_raw_parts(ptr, len)).expect("the event's JSON");
    let (at, length) = give_away(decide(&event).to_string().into_bytes());
    (at as u64) << 32 | length as u64
}

/// A boxed slice has no spare capacity: its length is all that `dealloc` needs to know.
fn give_away(bytes: Vec<u8>) -> (*mut u8, usize) {
    let bytes = Box::leak(bytes.into_boxed_slice());
    (bytes.as_mut_ptr(), bytes.len())
}
