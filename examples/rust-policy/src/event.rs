//! The JSON of events and verdicts. See the agent's documentation for every field;
//! unknown fields of an event are ignored, so only those the policy reads are named here.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::headers::Headers;

/// A request's line and headers.
#[derive(Deserialize)]
pub struct RequestEvent<'a> {
    /// The request's target as the client sent it: path and query, percent-encoded.
    #[serde(borrow)]
    pub uri: Cow<'a, str>,
    #[serde(borrow, default)]
    pub headers: Headers<'a>,
}

/// A response's status and headers.
#[derive(Deserialize)]
pub struct ResponseEvent<'a> {
    pub status: u16,
    #[serde(borrow, default)]
    pub headers: Headers<'a>,
}

/// What the module answers. Everything but the decision is left out when it is empty.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Verdict {
    pub decision: Decision,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The text of a block, or the URL of a redirect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Headers::is_empty")]
    pub add_request_headers: Headers<'static>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove_request_headers: Vec<&'static str>,
    #[serde(skip_serializing_if = "Headers::is_empty")]
    pub add_response_headers: Headers<'static>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove_response_headers: Vec<&'static str>,
    /// Words for the proxy's audit log.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<&'static str>,
}

#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    #[default]
    Allow,
    Block,
    Redirect,
}

impl Verdict {
    pub fn allow() -> Self {
        Self::default()
    }

    pub fn block(status: u16, body: &'static str) -> Self {
        Self {
            decision: Decision::Block,
            status: Some(status),
            body: Some(body.into()),
            ..Self::default()
        }
    }

    pub fn redirect(status: u16, url: String) -> Self {
        Self {
            decision: Decision::Redirect,
            status: Some(status),
            body: Some(url.into()),
            ..Self::default()
        }
    }

    pub fn tag(mut self, tag: &'static str) -> Self {
        self.tags.push(tag);
        self
    }

    /// The verdict's JSON. (It cannot fail: a verdict has only string keys, and a `Vec` takes all.)
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
