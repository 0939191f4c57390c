// Counts its events in a variable, and in something of the engine's own.
let count = 0;

function on_request_headers(request) {
  count++;
  Array.prototype.count = (Array.prototype.count ?? 0) + 1;
  if (request.uri === "/throw") throw new Error("as asked");
  return { decision: "allow", tags: [String(count), String([].count)] };
}
