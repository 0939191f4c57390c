-- The small policy in Lua. Its twins in the other languages are in the neighbouring directories.
local PROTECTED = "/admin"

-- The path itself, or something below it.
local function is_protected(uri)
  local rest = uri:sub(#PROTECTED + 1)
  return uri:sub(1, #PROTECTED) == PROTECTED and (rest == "" or rest:find("^[/?#]") ~= nil)
end

function on_request_headers()
  local authorization = request.headers["authorization"] or ""
  if is_protected(request.uri) and authorization == "" then
    return {
      decision = "block",
      status = 403,
      body = "Authorization required",
      tags = { "auth-required" },
    }
  end
  return {
    decision = "allow",
    add_request_headers = { ["x-wasm-policy"] = "checked" },
    tags = { "checked" },
  }
end

function on_response_headers()
  return {
    decision = "allow",
    add_response_headers = { ["x-wasm-policy"] = "checked" },
    tags = response.status >= 500 and { "upstream-error" } or {},
  }
end
