// The small policy in AssemblyScript, with json-as. Its twins in the other languages are in the
// neighbouring directories; what a module has to do with memory is in index.ts.
import { JSON } from "json-as";

const PROTECTED = "/admin";

@json
export class Event {
  uri: string = "";
  status: i32 = 0;
  headers: Map<string, string> = new Map<string, string>();
}

@json
export class Verdict {
  decision: string = "allow";
  @omitif((self: Verdict) => self.status == 0)
  status: i32 = 0;
  @omitif((self: Verdict) => self.body.length == 0)
  body: string = "";
  add_request_headers: Map<string, string> = new Map<string, string>();
  add_response_headers: Map<string, string> = new Map<string, string>();
  tags: string[] = [];
}

export function onRequest(event: Event): Verdict {
  const verdict = new Verdict();
  if (isProtected(event.uri) && !isAuthorized(event)) {
    verdict.decision = "block";
    verdict.status = 403;
    verdict.body = "Authorization required";
    verdict.tags.push("auth-required");
    return verdict;
  }
  verdict.add_request_headers.set("x-wasm-policy", "checked");
  verdict.tags.push("checked");
  return verdict;
}

export function onResponse(event: Event): Verdict {
  const verdict = new Verdict();
  verdict.add_response_headers.set("x-wasm-policy", "checked");
  if (event.status >= 500) {
    verdict.tags.push("upstream-error");
  }
  return verdict;
}

function isAuthorized(event: Event): bool {
  const headers = event.headers;
  return headers.has("authorization") && headers.get("authorization").length > 0;
}

/** The path itself, or something below it. */
function isProtected(uri: string): bool {
  if (!uri.startsWith(PROTECTED)) {
    return false;
  }
  const next = uri.charAt(PROTECTED.length);
  return next == "" || next == "/" || next == "?" || next == "#";
}
