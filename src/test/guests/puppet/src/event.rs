//! The event, read leniently: what is missing or of another type is an empty text.

use serde_json::Value;

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Request,
    Response,
}

pub struct Event<'a> {
    pub kind: Kind,
    /// The JSON exactly as the host wrote it.
    pub input: &'a [u8],
    /// Null if the input is no JSON.
    json: Value,
}

impl<'a> Event<'a> {
    pub fn new(kind: Kind, input: &'a [u8]) -> Self {
        let json = serde_json::from_slice(input).unwrap_or(Value::Null);
        Self { kind, input, json }
    }

    pub fn is_json(&self) -> bool {
        self.json.is_object()
    }

    pub fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_default()
    }

    pub fn status(&self) -> String {
        self.json["status"].to_string()
    }

    pub fn header(&self, name: &str) -> &str {
        let headers = self.json["headers"].as_object();
        let found =
            headers.and_then(|all| all.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)));
        found
            .and_then(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// The words of the command: the path's segments, without the query.
    pub fn command(&self) -> Vec<&str> {
        let uri = match self.kind {
            Kind::Request => self.text("uri"),
            Kind::Response => self.header("x-do"),
        };
        let path = uri.split('?').next().unwrap_or_default();
        path.split('/').skip(1).collect()
    }
}
