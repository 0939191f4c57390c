-- encoding: base64 (RFC 4648, padded) and hexadecimal.
local type, error, tonumber = type, error, tonumber
local gsub, byte, char, format, sub, find = string.gsub, string.byte, string.char, string.format, string.sub, string.find
local concat = table.concat

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local LETTER, VALUE = {}, {}
for i = 0, 63 do
  LETTER[i] = sub(LETTERS, i + 1, i + 1)
  VALUE[byte(LETTER[i])] = i
end

local function text(value)
  if type(value) ~= "string" then
    error("a string is wanted, and it is a " .. type(value), 3)
  end
  return value
end

return {
  base64_encode = function(data)
    local out = {}
    for i = 1, #text(data), 3 do
      local a, b, c = byte(data, i, i + 2)
      local bits = a << 16 | (b or 0) << 8 | (c or 0)
      out[#out + 1] = LETTER[bits >> 18] .. LETTER[bits >> 12 & 63]
        .. (b and LETTER[bits >> 6 & 63] or "=") .. (c and LETTER[bits & 63] or "=")
    end
    return concat(out)
  end,

  base64_decode = function(data)
    local padding = #text(data) % 4 == 0 and find(data, "=?=$") and #data - find(data, "=?=$") + 1 or 0
    local out = {}
    for i = 1, #data, 4 do
      local bits, last = 0, i + 4 > #data
      for j = i, i + 3 do
        local value = VALUE[byte(data, j)] or (last and j > #data - padding and 0)
        if not value or j > #data then error("no base64 at byte " .. j, 2) end
        bits = bits << 6 | value
      end
      local three = char(bits >> 16, bits >> 8 & 255, bits & 255)
      out[#out + 1] = last and sub(three, 1, 3 - padding) or three
    end
    return concat(out)
  end,

  hex_encode = function(data)
    return (gsub(text(data), ".", function(c) return format("%02x", byte(c)) end))
  end,

  hex_decode = function(data)
    if #text(data) % 2 == 1 or find(data, "%X") then error("no hexadecimal", 2) end
    return (gsub(data, "..", function(digits) return char(tonumber(digits, 16)) end))
  end,
}
