//! Checks every answer. An answer is parsed and compared with what it has to say; its bytes around
//! the id are remembered, and an answer of the same bytes is as right as the first one was. So
//! nearly all answers cost one comparison of memory, and none is taken on trust.

use crate::events::verdicts;
use crate::frames::{Speech, AGENT_RESPONSE, ID_LENGTH};
use memchr::memmem;
use serde_json::{json, Value};

const MOST_KNOWN: usize = 256;

struct Known {
    bytes: Vec<u8>,
    /// Where the correlation id stands; on version 1 there is none.
    id_at: Option<usize>,
    verdict: usize,
}

pub struct Answers {
    speech: Speech,
    verdicts: Vec<Value>,
    known: Vec<Known>,
}

/// What an answer said: which verdict, if it is one of them, and to which request.
pub struct Said<'a> {
    pub verdict: Option<usize>,
    pub id: Option<&'a [u8]>,
}

impl Answers {
    pub fn new(speech: Speech) -> Self {
        Self { speech, verdicts: verdicts(), known: Vec::new() }
    }

    /// Reads a frame; `None` for what is no answer (reports of version 2).
    pub fn read<'a>(&mut self, frame: &'a [u8]) -> Option<Said<'a>> {
        if self.speech.is_v2() && frame.first() != Some(&AGENT_RESPONSE) {
            return None;
        }
        if let Some(at) = self.known.iter().position(|known| known.matches(frame)) {
            let said = self.known[at].said(frame);
            self.known[..=at].rotate_right(1); // the frequent ones come to the front
            return Some(said);
        }
        Some(self.learn(frame))
    }

    fn learn<'a>(&mut self, frame: &'a [u8]) -> Said<'a> {
        let Some(answer) = self.parse(frame) else {
            return Said { verdict: None, id: None };
        };
        let id_at = answer["audit"]["custom"]["correlation_id"].as_str().and_then(|id| {
            let at = memmem::find(frame, id.as_bytes())?;
            (id.len() == ID_LENGTH).then_some(at)
        });
        let id = id_at.map(|at| &frame[at..at + ID_LENGTH]);
        let version = if self.speech.is_v2() { 2 } else { 1 };
        let said = normalized(&answer);
        let verdict = match answer["version"] == version {
            true => self.verdicts.iter().position(|verdict| *verdict == said),
            false => None,
        };
        if let Some(verdict) = verdict {
            if self.known.len() < MOST_KNOWN && id_at.is_some() == self.speech.is_v2() {
                self.known.insert(0, Known { bytes: frame.to_vec(), id_at, verdict });
            }
        }
        Said { verdict, id }
    }

    fn parse(&self, frame: &[u8]) -> Option<Value> {
        match self.speech {
            Speech::V1 => serde_json::from_slice(frame).ok(),
            Speech::V2Json => serde_json::from_slice(&frame[1..]).ok(),
            Speech::V2MessagePack => rmp_serde::from_slice(&frame[1..]).ok(),
        }
    }
}

impl Known {
    fn matches(&self, frame: &[u8]) -> bool {
        self.bytes.len() == frame.len()
            && match self.id_at {
                None => self.bytes == frame,
                Some(at) => {
                    self.bytes[..at] == frame[..at]
                        && self.bytes[at + ID_LENGTH..] == frame[at + ID_LENGTH..]
                }
            }
    }

    fn said<'a>(&self, frame: &'a [u8]) -> Said<'a> {
        Said { verdict: Some(self.verdict), id: self.id_at.map(|at| &frame[at..at + ID_LENGTH]) }
    }
}

/// The parts of an answer that decide what becomes of a request. Missing, null and empty mean the
/// same, and the order of header operations nothing: the reference's is arbitrary.
fn normalized(answer: &Value) -> Value {
    let mut decision = answer["decision"].clone();
    if let Some(block) = decision.get_mut("block") {
        if block["headers"].is_null() {
            block["headers"] = json!({});
        }
    }
    json!({
        "decision": decision,
        "request_headers": operations(&answer["request_headers"]),
        "response_headers": operations(&answer["response_headers"]),
        "tags": list(&answer["audit"]["tags"]),
        "reason_codes": list(&answer["audit"]["reason_codes"]),
    })
}

fn list(value: &Value) -> Value {
    if value.is_null() {
        json!([])
    } else {
        value.clone()
    }
}

fn operations(value: &Value) -> Value {
    let mut list = list(value);
    if let Some(operations) = list.as_array_mut() {
        operations.sort_by_key(Value::to_string);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::frame;

    const ID: &str = "0001-0002-00000003";

    fn allow() -> Value {
        json!({
            "version": 1, "decision": "allow",
            "request_headers": [
                {"set": {"name": "x-wasm-policy", "value": "checked"}},
                {"remove": {"name": "x-debug"}},
            ],
            "response_headers": [], "audit": {"tags": [], "reason_codes": [], "custom": {}},
        })
    }

    fn allow_v2() -> Value {
        let mut answer = allow();
        answer["version"] = json!(2);
        answer["audit"]["custom"]["correlation_id"] = json!(ID);
        answer
    }

    fn v2(answer: &Value) -> Vec<u8> {
        frame(Some(AGENT_RESPONSE), answer.to_string().as_bytes()).split_off(4)
    }

    #[track_caller]
    fn assert_wrong(answer: Value) {
        let mut answers = Answers::new(Speech::V1);
        let text = answer.to_string();
        for _ in 0..2 {
            assert_eq!(answers.read(text.as_bytes()).unwrap().verdict, None, "{text}");
        }
    }

    #[test]
    fn what_the_policy_says_is_right_at_the_first_and_at_the_second_time() {
        let mut answers = Answers::new(Speech::V1);
        for _ in 0..2 {
            assert_eq!(answers.read(allow().to_string().as_bytes()).unwrap().verdict, Some(0));
        }
        assert_eq!(answers.known.len(), 1);
    }

    #[test]
    fn the_order_of_header_operations_means_nothing() {
        let mut answer = allow();
        answer["request_headers"].as_array_mut().unwrap().reverse();
        let mut answers = Answers::new(Speech::V1);
        assert_eq!(answers.read(answer.to_string().as_bytes()).unwrap().verdict, Some(0));
    }

    #[test]
    fn every_difference_makes_an_answer_wrong() {
        for (path, value) in [
            ("/version", json!(2)),
            ("/decision", json!({"block": {"status": 500, "body": "Wasm Error"}})),
            ("/request_headers/0/set/value", json!("unchecked")),
            ("/request_headers/1", json!({"remove": {"name": "x-other"}})),
            ("/response_headers", json!([{"remove": {"name": "server"}}])),
            ("/audit/tags", json!(["scanner"])),
            ("/audit/reason_codes", json!(["timeout"])),
        ] {
            let mut answer = allow();
            *answer.pointer_mut(path).unwrap() = value;
            assert_wrong(answer);
        }
    }

    #[test]
    fn the_id_is_read_from_known_and_from_unknown_answers() {
        let mut answers = Answers::new(Speech::V2Json);
        for number in 0..3 {
            let mut answer = allow_v2();
            let id = crate::frames::id(1, 2, number);
            answer["audit"]["custom"]["correlation_id"] = json!(std::str::from_utf8(&id).unwrap());
            let bytes = v2(&answer);
            let said = answers.read(&bytes).unwrap();
            assert_eq!((said.verdict, said.id), (Some(0), Some(&id[..])));
        }
        assert_eq!(answers.known.len(), 1);
    }

    #[test]
    fn an_answer_without_its_id_names_no_request() {
        let mut answer = allow_v2();
        answer["audit"]["custom"] = json!({});
        let bytes = v2(&answer);
        assert_eq!(Answers::new(Speech::V2Json).read(&bytes).unwrap().id, None);
    }

    #[test]
    fn a_report_is_no_answer() {
        let report = frame(Some(0x30), b"{}").split_off(4);
        assert!(Answers::new(Speech::V2Json).read(&report).is_none());
    }
}
