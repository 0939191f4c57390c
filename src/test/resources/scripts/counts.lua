-- Counts its events in a variable, and in something of the engine's own.
local count = 0

function on_request_headers()
  count = count + 1
  string.count = (string.count or 0) + 1
  if request.uri == "/throw" then error("as asked") end
  return { tags = { count, string.count } }
end
