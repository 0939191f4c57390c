-- time: the clock, and dates in UTC.
local now_ms = ...
local type, error, tonumber = type, error, tonumber
local format, gsub, sub, match = string.format, string.gsub, string.sub, string.match

local DAY = 86400

-- Days from 1970-01-01 to a date of the Gregorian calendar. Years begin in March here.
local function days(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local of_era = year % 400
  return year // 400 * 146097 + of_era * 365 + of_era // 4 - of_era // 100
    + (153 * (month - 3) + 2) // 5 + day - 1 - 719468
end

local function date(count)
  count = count + 719468
  local era, of_era = count // 146097, count % 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  local day = of_year - (153 * month + 2) // 5 + 1
  month = month < 10 and month + 3 or month - 9
  return era * 400 + year + (month <= 2 and 1 or 0), month, day
end

local DIGITS = { Y = 4, m = 2, d = 2, H = 2, M = 2, S = 2 }

return {
  now = function() return now_ms() // 1000 end,
  now_ms = function() return now_ms() end,

  format = function(seconds, pattern)
    local whole = seconds // 1 | 0
    local year, month, day = date(whole // DAY)
    local rest = whole % DAY
    local parts = {
      Y = year, m = month, d = day, H = rest // 3600, M = rest // 60 % 60, S = rest % 60,
    }
    return (gsub(pattern, "%%(.)", function(letter)
      if letter == "%" then return "%" end
      if not parts[letter] then error("%" .. letter .. " is not known here", 3) end
      return format("%0" .. DIGITS[letter] .. "d", parts[letter])
    end))
  end,

  -- nil if the text is no such date.
  parse = function(text, pattern)
    local parts = { Y = 1970, m = 1, d = 1, H = 0, M = 0, S = 0 }
    local at, i = 1, 1
    while i <= #pattern do
      local letter = match(pattern, "^%%(.)", i)
      if letter and letter ~= "%" then
        local width = DIGITS[letter]
        if not width then error("%" .. letter .. " is not known here", 2) end
        local digits = match(sub(text, at, at + width - 1), "^%d+$")
        if not digits or #digits ~= width then return nil end
        parts[letter] = tonumber(digits)
        at, i = at + width, i + 2
      else
        if sub(text, at, at) ~= (letter or sub(pattern, i, i)) then return nil end
        at, i = at + 1, i + (letter and 2 or 1)
      end
    end
    local year, month, day = date(days(parts.Y, parts.m, parts.d))
    if at <= #text or year ~= parts.Y or month ~= parts.m or day ~= parts.d
      or parts.H > 23 or parts.M > 59 or parts.S > 60 then
      return nil
    end
    return days(year, month, day) * DAY + parts.H * 3600 + parts.M * 60 + parts.S
  end,
}
