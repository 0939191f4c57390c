-- The methods of events, and sentinel: what they ask for is kept until the handler returns.
local log = ...
local next, pairs, type, tostring, error = next, pairs, type, tostring, error
local lower, find, sub = string.lower, string.find, string.sub

local asked = {} -- a decision's fields

local function list(field)
  local found = asked[field] or {}
  asked[field] = found
  return found
end

local function text(value)
  if type(value) ~= "string" and type(value) ~= "number" then
    error("a string is wanted, and it is a " .. type(value), 3)
  end
  return tostring(value)
end

-- Of one header the last operation counts.
local function forget(names, name)
  for i = #names, 1, -1 do
    if lower(names[i]) == lower(name) then table.remove(names, i) end
  end
end

local function methods(add, remove)
  local event = {}
  event.__index = event

  -- Names come in lower case from the proxies; asked for they may be in any.
  function event:get_header(name)
    name = lower(text(name))
    local headers = self.headers
    local value = headers[name]
    if value ~= nil then return value end
    for key, other in pairs(headers) do
      if lower(key) == name then return other end
    end
    return nil
  end

  function event:add_header(name, value)
    name = text(name)
    forget(list(remove), name)
    list(add)[name] = text(value)
  end

  function event:remove_header(name)
    name = text(name)
    local added = list(add)
    for key in pairs(added) do
      if lower(key) == lower(name) then added[key] = nil end
    end
    forget(list(remove), name)
    local names = list(remove)
    names[#names + 1] = name
  end

  return event
end

local request = methods("add_request_headers", "remove_request_headers")

function request:get_method() return self.method end

function request:get_source_ip() return self.client_ip end

function request:get_path()
  local mark = find(self.uri, "?", 1, true)
  return mark and sub(self.uri, 1, mark - 1) or self.uri
end

function request:get_query()
  local mark = find(self.uri, "?", 1, true)
  return mark and sub(self.uri, mark + 1) or ""
end

local response = methods("add_response_headers", "remove_response_headers")

function response:get_status() return self.status end

local LEVELS = { trace = 0, debug = 0, info = 1, warn = 2, warning = 2, error = 3 }

sentinel = { version = "0.1.0" } -- of the agent whose interface this is

function sentinel.log(level, message)
  log(LEVELS[lower(text(level))] or 1, text(message))
end

function sentinel.set_decision(decision) asked.decision = text(decision) end

function sentinel.add_metadata(key, value)
  local tags = list("tags")
  tags[#tags + 1] = text(key) .. "=" .. text(value)
end

-- Adds a field of the decision that was returned to one that was asked for.
local function merge(field, value)
  local mine = asked[field]
  if type(mine) ~= "table" or type(value) ~= "table" then
    asked[field] = value
  elseif sub(field, 1, 4) == "add_" then
    for name, one in pairs(value) do mine[name] = one end
  else
    for _, one in ipairs(value) do mine[#mine + 1] = one end
  end
end

local FIELDS = {
  "decision", "status", "body", "add_request_headers", "remove_request_headers",
  "add_response_headers", "remove_response_headers", "tags",
}

-- A handler that failed may have asked for something.
local function forget_all()
  for field in next, asked do asked[field] = nil end
end

-- What is decided, of what a handler returned and of what it asked for.
local function finish(returned)
  if type(returned) == "table" then
    for _, field in ipairs(FIELDS) do
      local value = returned[field]
      if value ~= nil then merge(field, value) end
    end
  elseif returned ~= nil then
    return returned -- an error
  end
  return asked
end

return {
  request = request, response = response, asked = asked, forget = forget_all, finish = finish,
}
