//! The requests that are sent, and what the policy in `examples/rust-policy` has to say to each.

use serde::Serialize;
use serde_json::{json, Value};
use std::collections::BTreeMap;

/// Stands where the correlation id goes; as long as every id is.
pub const ID_PLACEHOLDER: &str = "@@@@-@@@@-@@@@@@@@";

/// In the proxy's order, which is the order of its MessagePack.
#[derive(Clone, Serialize)]
pub struct Event {
    pub metadata: Metadata,
    pub method: String,
    pub uri: String,
    pub headers: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Serialize)]
pub struct Metadata {
    pub correlation_id: String,
    pub request_id: String,
    pub client_ip: String,
    pub client_port: u16,
    pub server_name: Option<String>,
    pub protocol: String,
    pub tls_version: Option<String>,
    pub tls_cipher: Option<String>,
    pub route_id: Option<String>,
    pub upstream_id: Option<String>,
    pub timestamp: String,
}

pub struct Case {
    pub event: Event,
    /// Index into [`verdicts`].
    pub verdict: usize,
}

const ALLOW: usize = 0;
const NEEDS_AUTHORIZATION: usize = 1;
const SQL: usize = 2;
const SCRIPT: usize = 3;
const SCANNER: usize = 4;

/// What an answer has to say, in the form of [`crate::answers::normalized`].
pub fn verdicts() -> Vec<Value> {
    let block = |body: &str, tag: &str| {
        json!({
            "decision": {"block": {"status": 403, "body": body, "headers": {}}},
            "request_headers": [], "response_headers": [], "tags": [tag], "reason_codes": [],
        })
    };
    vec![
        json!({
            "decision": "allow",
            "request_headers": [
                {"remove": {"name": "x-debug"}},
                {"set": {"name": "x-wasm-policy", "value": "checked"}},
            ],
            "response_headers": [], "tags": [], "reason_codes": [],
        }),
        block("Authorization required\n", "auth-required"),
        block("Request blocked\n", "attack-sql"),
        block("Request blocked\n", "attack-script"),
        block("Request blocked\n", "scanner"),
    ]
}

/// Sixteen requests, three of four of them allowed, blocks spread among them.
pub fn cases(headers: usize) -> Vec<Case> {
    let requests: [(&str, &str, usize); 16] = [
        ("GET", "/", ALLOW),
        ("GET", "/catalog/items?page=2&sort=price", ALLOW),
        ("GET", "/admin/users", NEEDS_AUTHORIZATION),
        ("POST", "/cart/items", ALLOW),
        ("GET", "/static/js/app.5f2a91.js", ALLOW),
        ("GET", "/catalog/items/8812?ref=home&colour=blue", ALLOW),
        ("GET", "/search?q=1%27+union+select+name+from+users--", SQL),
        ("GET", "/search?q=summer+shoes+size+42", ALLOW),
        ("PUT", "/api/v2/profile/address/3", ALLOW),
        ("GET", "/images/hero%20banner.webp?w=1280", ALLOW),
        ("GET", "/comment?text=%3Cscript%3Ealert(1)%3C/script%3E", SCRIPT),
        ("GET", "/api/v2/orders?from=2026-01-01&to=2026-06-30&limit=50", ALLOW),
        ("DELETE", "/cart/items/3", ALLOW),
        ("GET", "/help/contact", ALLOW),
        ("GET", "/login", SCANNER),
        ("GET", "/favicon.ico", ALLOW),
    ];
    let case = |(number, (method, uri, verdict)): (usize, (&str, &str, usize))| Case {
        event: event(number, method, uri, verdict, headers),
        verdict,
    };
    requests.into_iter().enumerate().map(case).collect()
}

fn event(number: usize, method: &str, uri: &str, verdict: usize, headers: usize) -> Event {
    Event {
        metadata: Metadata {
            correlation_id: ID_PLACEHOLDER.to_owned(),
            request_id: format!("req-{verdict}-{ID_PLACEHOLDER}"),
            client_ip: format!("203.0.113.{}", number + 7),
            client_port: 40_412,
            server_name: Some("shop.example.com".to_owned()),
            protocol: "HTTP/1.1".to_owned(),
            tls_version: None,
            tls_cipher: None,
            route_id: Some("default".to_owned()),
            upstream_id: None,
            timestamp: "2026-11-22T12:00:00Z".to_owned(),
        },
        method: method.to_owned(),
        uri: uri.to_owned(),
        headers: self::headers(number, verdict, headers),
    }
}

/// What a browser sends, and then what proxies, tracing and frameworks add to it.
fn headers(number: usize, verdict: usize, count: usize) -> BTreeMap<String, Vec<String>> {
    let agent = match verdict {
        SCANNER => "sqlmap/1.8.2#stable (https://sqlmap.org)",
        _ => "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    };
    let usual = [
        ("host", "shop.example.com".to_owned()),
        ("user-agent", agent.to_owned()),
        ("accept", "text/html,application/xhtml+xml,*/*;q=0.8".to_owned()),
        ("accept-language", "en-GB,en;q=0.7,de;q=0.3".to_owned()),
        ("accept-encoding", "gzip, deflate, br".to_owned()),
        ("cookie", format!("session=8f14e45fceea167a5a36dedd4bea25{number:02}; theme=dark")),
        ("referer", "https://shop.example.com/catalog".to_owned()),
        ("cache-control", "no-cache".to_owned()),
        ("x-forwarded-for", format!("203.0.113.{}", number + 7)),
        ("x-debug", "1".to_owned()),
    ];
    let more = (usual.len()..).map(|i| {
        (format!("x-filler-{i:03}"), format!("value {i:03} of a header that somebody needs"))
    });
    let usual = usual.into_iter().map(|(name, value)| (name.to_owned(), value));
    usual.chain(more).take(count).map(|(name, value)| (name, vec![value])).collect()
}
