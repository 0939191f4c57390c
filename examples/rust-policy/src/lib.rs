//! An example policy for the Sentinel/Zentinel WebAssembly agent.
//!
//! The agent hands each event to the module as JSON and gets a verdict back as JSON.
//!
//! | file | knows |
//! | --- | --- |
//! | [`policy`] | the rules: events in, verdicts out. This is the file to change |
//! | [`phrases`] | how to look for many words at once |
//! | [`uri`] | how to read a URI that somebody has disguised |
//! | [`event`], [`headers`] | the JSON of events and verdicts |
//! | `abi` | pointers and lengths, the only `unsafe` code; exists only when built for wasm32 |
//!
//! Everything but `abi` is plain Rust, so `cargo test` tests the policy natively.

#![deny(unsafe_op_in_unsafe_fn)]
// Natively only the tests call the policy.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

#[cfg(target_arch = "wasm32")]
mod abi;
mod event;
mod headers;
mod phrases;
mod policy;
mod uri;

use event::{RequestEvent, ResponseEvent, Verdict};

/// Answers a request event. A request that cannot be read is not let through.
fn on_request(json: &[u8]) -> Vec<u8> {
    let verdict = match serde_json::from_slice::<RequestEvent>(json) {
        Ok(request) => policy::on_request(&request),
        Err(_) => Verdict::block(400, "Bad request\n").tag("bad-event"),
    };
    verdict.to_json()
}

/// Answers a response event. A response that cannot be read is passed on as it is.
fn on_response(json: &[u8]) -> Vec<u8> {
    let verdict = match serde_json::from_slice::<ResponseEvent>(json) {
        Ok(response) => policy::on_response(&response),
        Err(_) => Verdict::allow().tag("bad-event"),
    };
    verdict.to_json()
}

#[cfg(test)]
mod tests {
    use super::{on_request, on_response};

    fn answer(handler: fn(&[u8]) -> Vec<u8>, json: &str) -> String {
        String::from_utf8(handler(json.as_bytes())).unwrap()
    }

    #[test]
    fn an_allowed_request_is_answered_with_its_header_changes() {
        let json =
            r#"{"method":"GET","uri":"/","client_ip":"::1","correlation_id":"c","headers":{}}"#;
        assert_eq!(
            answer(on_request, json),
            r#"{"decision":"allow","add_request_headers":{"x-wasm-policy":"checked"},"remove_request_headers":["x-debug"]}"#
        );
    }

    #[test]
    fn a_blocked_request_is_answered_with_status_body_and_tag() {
        assert_eq!(
            answer(on_request, r#"{"uri":"/admin"}"#),
            r#"{"decision":"block","status":403,"body":"Authorization required\n","tags":["auth-required"]}"#
        );
    }

    #[test]
    fn escapes_in_the_json_do_not_hide_anything() {
        let json = r#"{"uri":"\/\u0061dmin","headers":{"\u0075ser-agent":"x"}}"#;
        assert!(answer(on_request, json).contains("auth-required"));
    }

    #[test]
    fn unreadable_requests_are_blocked_and_unreadable_responses_allowed() {
        let odd = [
            "",
            "null",
            "[]",
            "{",
            "{}",
            r#"{"uri":1}"#,
            r#"{"uri":"/","headers":[]}"#,
            r#"{"uri":"/","headers":{"a":1}}"#,
            r#"{"status":"200"}"#,
            r#"{"status":-1}"#,
        ];
        for json in odd {
            assert!(answer(on_request, json).contains("bad-event"), "{json}");
            assert!(answer(on_response, json).contains("bad-event"), "{json}");
        }
        assert!(String::from_utf8(on_request(b"{\"uri\":\"/\xff\"}"))
            .unwrap()
            .contains("bad-event"));
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let json = r#"{"uri":"/","headers":{},"later":{"deep":[[[[1]]]]}}"#;
        assert!(answer(on_request, json).starts_with(r#"{"decision":"allow""#));
    }

    /// A poor man's fuzzer: mutations of good events must never panic and always give JSON.
    #[test]
    fn mutated_events_never_panic() {
        let seed = br#"{"uri":"/old/%2e%2e/x?q=%27+or+1%3D1","headers":{"user-agent":"nmap"},"status":500}"#;
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = move || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random as usize
        };
        for _ in 0..20_000 {
            let mut json = seed.to_vec();
            for _ in 0..next() % 4 + 1 {
                let at = next() % json.len();
                json[at] = if next() % 2 == 0 {
                    b"%/.\\;\"{}2e5'"[next() % 12]
                } else {
                    next() as u8
                };
            }
            for answer in [on_request(&json), on_response(&json)] {
                serde_json::from_slice::<serde_json::Value>(&answer).unwrap();
            }
        }
    }
}
