-- json: decode is the engine's own; this writes.
local decode = ...
local type, next, pairs, ipairs, tostring, error = type, next, pairs, ipairs, tostring, error
local format, gsub, byte, rep, concat = string.format, string.gsub, string.byte, string.rep, table.concat
local math_type, sort = math.type, table.sort

local MOST_DEPTH = 100
local SHORT = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function string(value)
  return '"' .. gsub(value, '[%c"\\]', function(c)
    return SHORT[c] or format("\\u%04x", byte(c))
  end) .. '"'
end

local function number(value)
  if math_type(value) == "integer" then return format("%d", value) end
  if value ~= value or value == math.huge or value == -math.huge then
    error("JSON has no number " .. tostring(value), 0)
  end
  return format("%.17g", value)
end

local write

local function members(parts, open, close, depth, indent)
  if #parts == 0 then return open .. close end
  if not indent then return open .. concat(parts, ",") .. close end
  local margin = "\n" .. rep(indent, depth)
  return open .. margin .. indent .. concat(parts, "," .. margin .. indent) .. margin .. close
end

-- A table is a list if it has something at 1, and else an object, the empty one included.
local function collection(value, depth, indent)
  if depth >= MOST_DEPTH then error("JSON would be nested deeper than " .. MOST_DEPTH, 0) end
  local parts = {}
  if value[1] ~= nil then
    for i, one in ipairs(value) do parts[i] = write(one, depth + 1, indent) end
    return members(parts, "[", "]", depth, indent)
  end
  local names, values = {}, {}
  for key, one in pairs(value) do
    if type(key) ~= "string" and type(key) ~= "number" then
      error("JSON has no name for a " .. type(key), 0)
    end
    names[#names + 1] = tostring(key)
    values[tostring(key)] = one
  end
  sort(names)
  for i, name in ipairs(names) do
    parts[i] = string(name) .. (indent and ": " or ":") .. write(values[name], depth + 1, indent)
  end
  return members(parts, "{", "}", depth, indent)
end

function write(value, depth, indent)
  local kind = type(value)
  if kind == "nil" then return "null" end
  if kind == "boolean" then return tostring(value) end
  if kind == "number" then return number(value) end
  if kind == "string" then return string(value) end
  if kind == "table" then return collection(value, depth, indent) end
  error("JSON has no " .. kind, 0)
end

return {
  decode = decode,
  encode = function(value) return write(value, 0, nil) end,
  encode_pretty = function(value) return write(value, 0, "  ") end,
}
