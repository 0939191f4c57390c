//! The rules. The first one that matches a request decides.

use crate::event::{RequestEvent, ResponseEvent, Verdict};
use crate::phrases::Phrases;
use crate::uri::{self, DecodedUri};

/// What attacks look like in [`DecodedUri::text`]: decoded, any white space one space.
///
/// A short list that shows how it is done. It stops a scan, not a determined attacker, and it
/// will stop the odd honest search for "union select" as well.
const ATTACKS: &[(&str, Phrases)] = &[
    (
        "attack-traversal",
        Phrases::new(&["../", "..\\", "/etc/passwd", "/etc/shadow", "/proc/self/"]),
    ),
    (
        "attack-script",
        Phrases::new(&["<script", "<iframe", "javascript:", "onerror=", "onload="]),
    ),
    (
        "attack-sql",
        Phrases::new(&[
            "union select",
            "union all select",
            "or 1=1",
            "or '1'='1",
            "or ''='",
            "'--",
            "; drop table",
            ";drop table",
            "sleep(",
            "benchmark(",
            "information_schema",
        ]),
    ),
];

/// Names of scanners that say in `user-agent` what they are.
const SCANNERS: &Phrases = &Phrases::new(&[
    "acunetix",
    "dirbuster",
    "gobuster",
    "masscan",
    "nessus",
    "nikto",
    "nmap",
    "nuclei",
    "openvas",
    "sqlmap",
    "w3af",
    "wpscan",
    "zgrab",
]);

/// Response headers that are set unless the upstream has its own opinion.
///
/// `strict-transport-security` is not among them: it commits the whole host to TLS for months,
/// and the event does not tell whether this connection had any.
const SECURITY_HEADERS: &[(&str, &str)] = &[
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "SAMEORIGIN"),
];

pub fn on_request(request: &RequestEvent) -> Verdict {
    let uri = DecodedUri::of(&request.uri);
    if is_protected(&uri) && !is_authorized(request) {
        return Verdict::block(403, "Authorization required\n").tag("auth-required");
    }
    if let Some(tag) = attack(&uri) {
        return Verdict::block(403, "Request blocked\n").tag(tag);
    }
    if is_scanner(request) {
        return Verdict::block(403, "Request blocked\n").tag("scanner");
    }
    if let Some(rest) = request.uri.strip_prefix("/old/") {
        return Verdict::redirect(301, format!("/new/{}", uri::printable(rest)));
    }
    let mut verdict = Verdict::allow();
    verdict.add_request_headers.add("x-wasm-policy", "checked");
    verdict.remove_request_headers.push("x-debug");
    verdict
}

pub fn on_response(response: &ResponseEvent) -> Verdict {
    let mut verdict = Verdict::allow();
    for &(name, value) in SECURITY_HEADERS {
        if response.headers.get(name).is_none() {
            verdict.add_response_headers.add(name, value);
        }
    }
    verdict
        .remove_response_headers
        .extend(["server", "x-powered-by"]);
    if response.status >= 500 {
        verdict.tags.push("upstream-error");
    }
    verdict
}

/// Is it `/admin` or below? The upstream may read a path in its own way, so every doubt counts
/// as a yes: `/Admin`, `//admin`, `/./admin`, `/%61dmin`, `/admin;x=1`, and any path with both
/// `..` and `admin` in it.
fn is_protected(uri: &DecodedUri) -> bool {
    let mut segments = uri
        .segments()
        .filter(|segment| !segment.is_empty() && *segment != b".");
    if uri.segments().any(|segment| segment == b"..") {
        segments.any(|segment| segment == b"admin")
    } else {
        segments.next() == Some(b"admin")
    }
}

/// Whether the credentials are right is for the upstream to say. A value without any letter or
/// digit is none: the proxies make an empty one of what is not ASCII.
fn is_authorized(request: &RequestEvent) -> bool {
    let value = request.headers.get("authorization").unwrap_or_default();
    value.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// The tag of the attack that the URI contains, if any.
fn attack(uri: &DecodedUri) -> Option<&'static str> {
    if uri.is_disguised() {
        return Some("attack-encoding");
    }
    if uri.segments().any(|segment| segment == b"..") {
        return Some("attack-traversal");
    }
    ATTACKS
        .iter()
        .find(|(_, phrases)| phrases.are_in(uri.text()))
        .map(|(tag, _)| *tag)
}

fn is_scanner(request: &RequestEvent) -> bool {
    matches!(request.headers.get("user-agent"), Some(agent) if SCANNERS.are_in(agent.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Decision;

    fn request(uri: &str, headers: &[(&str, &str)]) -> Verdict {
        let headers: std::collections::BTreeMap<_, _> = headers.iter().copied().collect();
        let json =
            serde_json::json!({ "method": "GET", "uri": uri, "headers": headers }).to_string();
        on_request(&serde_json::from_str(&json).unwrap())
    }

    fn response(status: u16, headers: &[(&str, &str)]) -> Verdict {
        let headers: std::collections::BTreeMap<_, _> = headers.iter().copied().collect();
        let json = serde_json::json!({ "status": status, "headers": headers }).to_string();
        on_response(&serde_json::from_str(&json).unwrap())
    }

    #[track_caller]
    fn assert_blocked(verdict: &Verdict, tag: &str) {
        assert_eq!(
            (&verdict.decision, verdict.status),
            (&Decision::Block, Some(403))
        );
        assert_eq!(verdict.tags, [tag]);
    }

    #[test]
    fn admin_needs_authorization() {
        for uri in [
            "/admin",
            "/admin/",
            "/admin/users?page=2",
            "/admin?x",
            "/admin#x",
        ] {
            assert_blocked(&request(uri, &[]), "auth-required");
            assert_blocked(&request(uri, &[("authorization", " ")]), "auth-required");
            assert_eq!(
                request(uri, &[("authorization", "Basic eA==")]).decision,
                Decision::Allow
            );
        }
    }

    #[test]
    fn a_disguised_admin_is_still_admin() {
        let disguises = [
            "/%61dmin",
            "/%2561dmin",
            "/adm%69n/x",
            "/%2Fadmin",
            "/admin%2Fusers",
            "//admin",
            "/./admin",
            "/%2e/admin",
            "/x/../admin",
            "/x/%2e%2e/admin",
            "/a%2fb/../admin",
            "/x/..%2fadmin",
            "/x/..;/admin",
            "/admin;a=1",
            "/admin/..;/x",
            "/\\admin",
            "/x\\..\\admin",
            "/ADMIN",
            "/admin%3Fx",
            "http://host/admin",
            "HTTP://host/%61dmin",
            "admin",
            "/;x/admin",
        ];
        for uri in disguises {
            assert_eq!(request(uri, &[]).tags, ["auth-required"], "{uri}");
        }
    }

    #[test]
    fn other_paths_are_not_admin() {
        for uri in [
            "/",
            "",
            "/administrator",
            "/x/admin",
            "/badmin",
            "/?p=/admin",
            "http://admin/x",
            "/admin.css",
        ] {
            assert_eq!(request(uri, &[]).decision, Decision::Allow, "{uri}");
        }
    }

    #[test]
    fn path_traversal_is_blocked() {
        let authorized = &[("authorization", "x")];
        let uris = [
            "/a/../b",
            "/a/..",
            "/a/%2e%2e/b",
            "/a/%252e%252e%252fb",
            "/a/..;/b",
            "/a\\..\\b",
            "/f?name=../../x",
            "/f?name=..%5Cx",
            "/f?name=%2Fetc%2Fpasswd",
            "/admin/../x",
        ];
        for uri in uris {
            assert_blocked(&request(uri, authorized), "attack-traversal");
        }
        for uri in ["/a/...", "/a..b/c", "/v1..v2", "/f?range=1..5"] {
            assert_eq!(request(uri, &[]).decision, Decision::Allow, "{uri}");
        }
    }

    #[test]
    fn script_injection_is_blocked() {
        let uris = [
            "/?q=<script>alert(1)</script>",
            "/?q=%3CsCrIpT%20src=x",
            "/?q=%253Cscript",
            "/?u=javascript:x",
            "/?q=%3Cimg%20src=x%20onerror=x",
            "/<iframe>",
        ];
        for uri in uris {
            assert_blocked(&request(uri, &[]), "attack-script");
        }
        for uri in ["/javascript/x.js", "/?q=description", "/?carbonload=1"] {
            assert_eq!(request(uri, &[]).decision, Decision::Allow, "{uri}");
        }
    }

    #[test]
    fn sql_injection_is_blocked() {
        let uris = [
            "/?id=1+UNION+SELECT+x",
            "/?id=1%20union%0a%09all%20select%20x",
            "/?id=1/**/union/**/select",
            "/?id=x'%20OR%20'1'='1",
            "/?id=1+or+1%3d1",
            "/?n=x%27--",
            "/?id=1;drop%20table%20x",
            "/?id=pg_sleep(9)",
        ];
        for uri in uris {
            assert_blocked(&request(uri, &[]), "attack-sql");
        }
        for uri in [
            "/?q=credit+union+selected",
            "/?q=reunion+select",
            "/union/select",
            "/?q=color+1=1",
            "/?q=x--y",
        ] {
            assert_eq!(request(uri, &[]).decision, Decision::Allow, "{uri}");
        }
    }

    #[test]
    fn unreadable_encodings_are_blocked() {
        let nested = format!("/%{}41", "25".repeat(20));
        for uri in [
            nested.as_str(),
            "/a%00b",
            "/?x=%00",
            "/a%0d%0ab",
            "/%c0%ae%c0%ae/x",
        ] {
            assert_blocked(&request(uri, &[]), "attack-encoding");
        }
        for uri in [
            "/100%",
            "/%zz%4",
            "/%C3%A9t%C3%A9",
            "/%E9t%E9",
            "/?text=two%0D%0Alines",
            "/żółw",
        ] {
            assert_eq!(request(uri, &[]).decision, Decision::Allow, "{uri}");
        }
    }

    #[test]
    fn scanners_are_blocked() {
        for agent in [
            "sqlmap/1.7",
            "Mozilla/5.0 (compatible; Nmap Scripting Engine)",
            "NIKTO",
        ] {
            assert_blocked(&request("/", &[("user-agent", agent)]), "scanner");
        }
        for agent in ["", "Mozilla/5.0", "nik to"] {
            assert_eq!(
                request("/", &[("user-agent", agent)]).decision,
                Decision::Allow,
                "{agent}"
            );
        }
    }

    #[test]
    fn old_paths_are_redirected() {
        let verdict = request("/old/a%20b?x=1&y=%2F", &[]);
        assert_eq!(
            (verdict.decision, verdict.status),
            (Decision::Redirect, Some(301))
        );
        assert_eq!(verdict.body.as_deref(), Some("/new/a%20b?x=1&y=%2F"));
        assert_eq!(request("/old/", &[]).body.as_deref(), Some("/new/"));
        for uri in ["/old", "/older/x", "/x/old/y"] {
            assert_eq!(request(uri, &[]).decision, Decision::Allow, "{uri}");
        }
    }

    #[test]
    fn a_redirect_cannot_carry_more_than_a_url() {
        assert_eq!(
            request("/old/é?\r\nx: y", &[]).body.as_deref(),
            Some("/new/%C3%A9?%0D%0Ax:%20y")
        );
    }

    #[test]
    fn security_headers_are_set_where_absent() {
        let verdict = response(200, &[("x-frame-options", "DENY"), ("server", "x")]);
        let added = |name| verdict.add_response_headers.get(name);
        assert_eq!(
            added("referrer-policy"),
            Some("strict-origin-when-cross-origin")
        );
        assert_eq!(added("x-content-type-options"), Some("nosniff"));
        assert_eq!(added("x-frame-options"), None);
        assert_eq!(verdict.remove_response_headers, ["server", "x-powered-by"]);
        assert_eq!((verdict.decision, verdict.tags.len()), (Decision::Allow, 0));
    }

    #[test]
    fn upstream_errors_are_tagged() {
        assert_eq!(response(500, &[]).tags, ["upstream-error"]);
        assert!(response(499, &[]).tags.is_empty());
    }
}
