// What both agents run in the suite "js": the rules of examples/rust-policy that the generator's
// requests meet, as somebody would write them in JavaScript.
const ATTACKS = [
  ["attack-script", ["<script", "<iframe", "javascript:", "onerror=", "onload="]],
  ["attack-sql", ["union select", "union all select", "' or ", "or 1=1", "'--", "drop table"]],
];
const SCANNERS = ["sqlmap", "nikto", "nmap", "masscan"];

function decoded(uri) {
  if (!uri.includes("%") && !uri.includes("+")) return uri.toLowerCase();
  try {
    return decodeURIComponent(uri.replaceAll("+", " ")).toLowerCase();
  } catch {
    return uri.toLowerCase(); // not UTF-8
  }
}

function containsOneOf(text, phrases) {
  return phrases.some((phrase) => text.includes(phrase));
}

function isAdmin(uri) {
  return uri.startsWith("/admin") && "/?#".includes(uri.charAt(6));
}

function blocked(body, tag) {
  return { decision: "block", status: 403, body: body + "\n", tags: [tag] };
}

function on_request_headers(request) {
  const uri = decoded(request.uri);
  if (isAdmin(uri) && !request.headers["authorization"]) {
    return blocked("Authorization required", "auth-required");
  }
  for (const [tag, phrases] of ATTACKS) {
    if (containsOneOf(uri, phrases)) return blocked("Request blocked", tag);
  }
  const agent = request.headers["user-agent"] ?? "";
  if (containsOneOf(agent.toLowerCase(), SCANNERS)) {
    return blocked("Request blocked", "scanner");
  }
  return {
    decision: "allow",
    add_request_headers: { "x-wasm-policy": "checked" },
    remove_request_headers: ["x-debug"],
  };
}
