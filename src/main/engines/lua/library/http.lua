-- http: URLs, queries, cookies, names of statuses.
local type, pairs, tostring, error = type, pairs, tostring, error
local format, gsub, gmatch, match, byte, char = string.format, string.gsub, string.gmatch, string.match, string.byte, string.char
local tonumber, concat, sort = tonumber, table.concat, table.sort

local STATUS = {
  [200] = "OK", [201] = "Created", [202] = "Accepted", [204] = "No Content", [206] = "Partial Content",
  [301] = "Moved Permanently", [302] = "Found", [303] = "See Other", [304] = "Not Modified",
  [307] = "Temporary Redirect", [308] = "Permanent Redirect", [400] = "Bad Request",
  [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found", [405] = "Method Not Allowed",
  [406] = "Not Acceptable", [408] = "Request Timeout", [409] = "Conflict", [410] = "Gone",
  [411] = "Length Required", [412] = "Precondition Failed", [413] = "Content Too Large",
  [414] = "URI Too Long", [415] = "Unsupported Media Type", [416] = "Range Not Satisfiable",
  [421] = "Misdirected Request", [422] = "Unprocessable Content", [426] = "Upgrade Required",
  [428] = "Precondition Required", [429] = "Too Many Requests",
  [431] = "Request Header Fields Too Large", [451] = "Unavailable For Legal Reasons",
  [500] = "Internal Server Error", [501] = "Not Implemented", [502] = "Bad Gateway",
  [503] = "Service Unavailable", [504] = "Gateway Timeout", [505] = "HTTP Version Not Supported",
}

local function text(value)
  if type(value) ~= "string" and type(value) ~= "number" then
    error("a string is wanted, and it is a " .. type(value), 3)
  end
  return tostring(value)
end

local function encode(value)
  return (gsub(value, "[^%w%-._~]", function(c) return format("%%%02X", byte(c)) end))
end

local function decode(value)
  return (gsub(value, "%%(%x%x)", function(digits) return char(tonumber(digits, 16)) end))
end

local function form(value) return decode((gsub(value, "+", " "))) end

return {
  url_encode = function(value) return encode(text(value)) end,
  url_decode = function(value) return decode(text(value)) end,

  -- Of several values of a name the last counts.
  parse_query = function(query)
    local found = {}
    for pair in gmatch(text(query), "[^&]+") do
      local name, value = match(pair, "^([^=]*)=(.*)$")
      found[form(name or pair)] = form(value or "")
    end
    return found
  end,

  build_query = function(params)
    local pairs_of = {}
    for name, value in pairs(params) do
      pairs_of[#pairs_of + 1] = encode(text(name)) .. "=" .. encode(text(value))
    end
    sort(pairs_of)
    return concat(pairs_of, "&")
  end,

  -- A request without cookies has no such header: nil gives an empty table.
  parse_cookies = function(header)
    local found = {}
    for pair in gmatch(header == nil and "" or text(header), "[^;]+") do
      local name, value = match(pair, "^%s*([^=]-)%s*=%s*(.-)%s*$")
      if name then found[name] = match(value, '^"(.*)"$') or value end
    end
    return found
  end,

  status_text = function(status) return STATUS[status] or "Unknown" end,
}
