//! A responder that does nothing but answer: it shows how much the generator itself can do. The
//! request tells it what a right answer is.

use crate::connection_loop::serve;
use crate::events::verdicts;
use crate::frames::{frame, Speech, AGENT_RESPONSE, HANDSHAKE_RESPONSE, ID_LENGTH};
use memchr::memmem;
use serde_json::{json, Value};

pub fn run(socket: &str, speech: Speech) -> Result<(), String> {
    serve(socket, responder(speech))
}

/// Appends the right answer to a request.
pub fn responder(speech: Speech) -> impl FnMut(&[u8], &mut Vec<u8>) {
    let answers: Vec<Answer> = verdicts().iter().map(|said| Answer::new(said, speech)).collect();
    let mark = memmem::FinderRev::new(b"req-");
    move |request, out| {
        if speech.is_v2() && request.first() == Some(&1) {
            out.extend_from_slice(&handshake(speech));
            return;
        }
        // request_id is "req-", the verdict's number, "-" and the correlation id
        let at = mark.rfind(request).expect("a request of the generator's") + 4;
        let answer = &answers[usize::from(request[at] - b'0')];
        let start = out.len();
        out.extend_from_slice(&answer.bytes);
        if let Some(id_at) = answer.id_at {
            out[start + id_at..start + id_at + ID_LENGTH]
                .copy_from_slice(&request[at + 2..at + 2 + ID_LENGTH]);
        }
    }
}

struct Answer {
    bytes: Vec<u8>,
    id_at: Option<usize>,
}

impl Answer {
    fn new(said: &Value, speech: Speech) -> Self {
        let id = "#".repeat(ID_LENGTH);
        let custom = if speech.is_v2() { json!({"correlation_id": id}) } else { json!({}) };
        let answer = json!({
            "version": if speech.is_v2() { 2 } else { 1 },
            "decision": said["decision"],
            "request_headers": said["request_headers"],
            "response_headers": said["response_headers"],
            "routing_metadata": {},
            "audit": {"tags": said["tags"], "rule_ids": [], "confidence": null,
                      "reason_codes": [], "custom": custom},
            "needs_more": false, "request_body_mutation": null,
            "response_body_mutation": null, "websocket_decision": null,
        });
        let bytes = match speech {
            Speech::V1 => frame(None, answer.to_string().as_bytes()),
            Speech::V2Json => frame(Some(AGENT_RESPONSE), answer.to_string().as_bytes()),
            Speech::V2MessagePack => frame(
                Some(AGENT_RESPONSE),
                &rmp_serde::to_vec_named(&answer).expect("JSON can be encoded"),
            ),
        };
        let id_at = memmem::find(&bytes, id.as_bytes());
        Self { bytes, id_at }
    }
}

fn handshake(speech: Speech) -> Vec<u8> {
    let encoding = if speech == Speech::V2MessagePack { "msgpack" } else { "json" };
    let answer = json!({"protocol_version": 2, "success": true, "encoding": encoding});
    frame(Some(HANDSHAKE_RESPONSE), answer.to_string().as_bytes())
}
