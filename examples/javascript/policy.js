// The small policy in JavaScript. Its twins in the other languages are in the neighbouring
// directories.
const PROTECTED = "/admin";

// The path itself, or something below it.
function isProtected(uri) {
  return uri.startsWith(PROTECTED) && "/?#".includes(uri.charAt(PROTECTED.length));
}

function on_request_headers(request) {
  if (isProtected(request.uri) && !request.headers["authorization"]) {
    return {
      decision: "block",
      status: 403,
      body: "Authorization required",
      tags: ["auth-required"],
    };
  }
  return {
    decision: "allow",
    add_request_headers: { "x-wasm-policy": "checked" },
    tags: ["checked"],
  };
}

function on_response_headers(response) {
  return {
    decision: "allow",
    add_response_headers: { "x-wasm-policy": "checked" },
    tags: response.status >= 500 ? ["upstream-error"] : [],
  };
}
