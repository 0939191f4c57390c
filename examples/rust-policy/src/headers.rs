//! Header names and values: a JSON object on the outside, a list on the inside. Requests have ten
//! or twenty headers, and a policy asks for a few: a list is quicker to fill than any map.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// Names are in lower case as the proxies send them. Several values of one name have been joined
/// with ", ". The strings of an event are borrowed from its JSON unless they had escapes.
#[derive(Debug, Default, PartialEq)]
pub struct Headers<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Headers<'a> {
    /// The value of the header; the case of its name does not matter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value)
    }

    pub fn add(&mut self, name: &'a str, value: &'a str) {
        self.0.push((name.into(), value.into()));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Headers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object of header names and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut headers = Vec::with_capacity(24);
        while let Some((Text(name), Text(value))) = map.next_entry()? {
            headers.push((name, value));
        }
        Ok(Headers(headers))
    }
}

/// Of a bare `Cow` serde would always make a copy; it borrows only where it is told to.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::Headers;

    #[test]
    fn names_are_found_in_any_case() {
        let headers: Headers = serde_json::from_str(r#"{"host":"a","x-Y":"b"}"#).unwrap();
        assert_eq!(
            [headers.get("Host"), headers.get("x-y"), headers.get("x")],
            [Some("a"), Some("b"), None]
        );
    }

    #[test]
    fn headers_are_written_as_an_object() {
        let mut headers = Headers::default();
        headers.add("a", "\"1\"");
        headers.add("b", "2");
        assert_eq!(
            serde_json::to_string(&headers).unwrap(),
            r#"{"a":"\"1\"","b":"2"}"#
        );
    }
}
