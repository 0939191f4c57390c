// policy.js with regular expressions, for the suite "js-regexp": an engine in Wasm pays more for them.
const ATTACKS = [
  ["attack-script", /<script|<iframe|javascript:|\bon(error|load)\s*=/],
  ["attack-sql", /\bunion (all )?select\b|' or |\bor 1=1|'--|\bdrop table\b/],
];
const SCANNERS = /sqlmap|nikto|nmap|masscan/i;

function decoded(uri) {
  try {
    return decodeURIComponent(uri.replaceAll("+", " ")).toLowerCase();
  } catch {
    return uri.toLowerCase(); // not UTF-8
  }
}

function blocked(body, tag) {
  return { decision: "block", status: 403, body: body + "\n", tags: [tag] };
}

function on_request_headers(request) {
  const uri = decoded(request.uri);
  if (/^\/admin([/?#]|$)/.test(uri) && !request.headers["authorization"]) {
    return blocked("Authorization required", "auth-required");
  }
  for (const [tag, pattern] of ATTACKS) {
    if (pattern.test(uri)) return blocked("Request blocked", tag);
  }
  if (SCANNERS.test(request.headers["user-agent"] ?? "")) {
    return blocked("Request blocked", "scanner");
  }
  return {
    decision: "allow",
    add_request_headers: { "x-wasm-policy": "checked" },
    remove_request_headers: ["x-debug"],
  };
}
