//! Requests as they go over the wire, encoded once; sending one only fills in its id.

use crate::events::{cases, Event, ID_PLACEHOLDER};
use memchr::memmem;
use serde_json::{json, Value};

pub const ID_LENGTH: usize = ID_PLACEHOLDER.len();
pub type Id = [u8; ID_LENGTH];

#[derive(Clone, Copy, PartialEq)]
pub enum Speech {
    V1,
    V2Json,
    V2MessagePack,
}

impl Speech {
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "v1" => Ok(Self::V1),
            "v2-json" => Ok(Self::V2Json),
            "v2-msgpack" => Ok(Self::V2MessagePack),
            _ => Err(format!("{text} is none of v1, v2-json, v2-msgpack")),
        }
    }

    pub fn is_v2(self) -> bool {
        self != Self::V1
    }
}

pub const HANDSHAKE_REQUEST: u8 = 0x01;
pub const HANDSHAKE_RESPONSE: u8 = 0x02;
pub const REQUEST_HEADERS: u8 = 0x10;
pub const AGENT_RESPONSE: u8 = 0x20;

pub struct Template {
    bytes: Vec<u8>,
    id_at: Vec<usize>,
    pub verdict: usize,
}

impl Template {
    /// The frame under this id; good until the next call.
    pub fn with_id(&mut self, id: &Id) -> &[u8] {
        for &at in &self.id_at {
            self.bytes[at..at + ID_LENGTH].copy_from_slice(id);
        }
        &self.bytes
    }
}

pub fn templates(speech: Speech, headers: usize) -> Vec<Template> {
    cases(headers)
        .iter()
        .map(|case| {
            let bytes = encode(speech, &case.event);
            let id_at = memmem::find_iter(&bytes, ID_PLACEHOLDER).collect();
            Template { bytes, id_at, verdict: case.verdict }
        })
        .collect()
}

fn encode(speech: Speech, event: &Event) -> Vec<u8> {
    match speech {
        Speech::V1 => frame(
            None,
            // In the client's own order of fields, which a Value would sort.
            format!(r#"{{"version":1,"event_type":"request_headers","payload":{}}}"#, json!(event))
                .as_bytes(),
        ),
        Speech::V2Json => {
            // The proxy adds the id at the top, where the event has none.
            let mut object = json!(event);
            object["correlation_id"] = Value::from(ID_PLACEHOLDER);
            frame(Some(REQUEST_HEADERS), object.to_string().as_bytes())
        }
        Speech::V2MessagePack => frame(
            Some(REQUEST_HEADERS),
            &rmp_serde::to_vec_named(event).expect("an event can be encoded"),
        ),
    }
}

pub fn handshake(speech: Speech) -> Vec<u8> {
    let encoding = match speech {
        Speech::V2MessagePack => "msgpack",
        _ => "json",
    };
    let request = json!({
        "supported_versions": [2], "proxy_id": "loadgen", "proxy_version": "0.6.45",
        "config": null, "supported_encodings": [encoding],
    });
    frame(Some(HANDSHAKE_REQUEST), request.to_string().as_bytes())
}

/// A length, on version 2 the type, and the payload.
pub fn frame(message_type: Option<u8>, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() + usize::from(message_type.is_some());
    let mut bytes = Vec::with_capacity(4 + length);
    bytes.extend_from_slice(&(length as u32).to_be_bytes());
    bytes.extend(message_type);
    bytes.extend_from_slice(payload);
    bytes
}

/// The first whole frame's content and what it takes with its length, if it has arrived.
pub fn first_frame(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let (prefix, rest) = bytes.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(*prefix) as usize;
    Some((rest.get(..length)?, 4 + length))
}

/// An id tells the connection, its slot, and which of the slot's requests it is.
pub fn id(connection: usize, slot: usize, number: u32) -> Id {
    let mut id = *b"0000-0000-00000000";
    hex(&mut id[0..4], connection as u32);
    hex(&mut id[5..9], slot as u32);
    hex(&mut id[10..18], number);
    id
}

pub fn slot_of(id: &[u8]) -> Option<usize> {
    usize::from_str_radix(std::str::from_utf8(id.get(5..9)?).ok()?, 16).ok()
}

fn hex(digits: &mut [u8], mut value: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(value & 15) as usize];
        value >>= 4;
    }
}
