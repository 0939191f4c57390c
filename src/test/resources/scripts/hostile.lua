-- What a script may do wrong or with intent: the request's path says which of it. Any other path
-- gets a good answer, whatever came before.

local sins = {}

function sins.endlessLoop() while true do end end
function sins.endlessCatching() while true do pcall(error) end end
function sins.endlessCoroutine()
  local c = coroutine.wrap(function() while true do coroutine.yield() end end)
  while true do c() end
end
function sins.endlessSort() table.sort({ 3, 1, 2 }, function() while true do end end) end
function sins.endlessFinalizer()
  setmetatable({}, { __gc = function() while true do end end })
  collectgarbage()
end
function sins.endlessSource() load(function() return "x = 1 " end) end
function sins.pattern() return ("a"):rep(40):find(("a*"):rep(30) .. "b") end
function sins.regularExpression() return regex.match("^(a+)+$", ("a"):rep(60) .. "b") end
function sins.endlessFormat()
  string.format("%s", setmetatable({}, { __tostring = function() while true do end end }))
end

function sins.memory() local all = {} while true do all[#all + 1] = {} end end
function sins.memoryInGlobal() kept = {} while true do kept[#kept + 1] = {} end end
function sins.memoryInString() return ("x"):rep(2 ^ 31 - 100) end
function sins.memoryInConcat()
  local endless = { __len = function() return 1e15 end, __index = function() return "x" end }
  return table.concat(setmetatable({}, endless))
end
function sins.memoryInRegularExpression() return regex.match("^(?:a|b)*c", ("a"):rep(5000000)) end
function sins.memoryInGzip()
  local bomb = ("x"):rep(1000000)
  for i = 1, 4 do bomb = bomb .. bomb end
  bomb = encoding.gzip_compress(bomb)
  return encoding.gzip_decompress(bomb:rep(1000))
end
function sins.memoryCaught()
  local fine = pcall(sins.memory)
  return { decision = "allow", tags = { fine and "fine" or "went-on" } }
end
function sins.memoryAgainAndAgain() while true do pcall(sins.memory) end end

function sins.recursion() return 1 + sins.recursion() end
function sins.recursionInCall() return (("x"):gsub(".", sins.recursionInCall)) end
function sins.recursionInPcall() return select(2, pcall(sins.recursionInPcall)) end
function sins.recursionInCoroutine() return coroutine.wrap(sins.recursionInCoroutine)() end
function sins.recursionInMetamethod()
  local t = setmetatable({}, {})
  getmetatable(t).__index = function(_, k) return t[k] end
  return t.x
end
function sins.recursionInParser() assert(load(("("):rep(100000))) end
function sins.recursionInRegularExpression() return regex.match(("("):rep(100000), "x") end
function sins.recursionInPattern() return ("x"):rep(100000):find((".-"):rep(100000) .. "y") end

function sins.throwsError() error("so") end
function sins.throwsTable() error({ code = 1 }) end
function sins.throwsNothing() error() end
function sins.throwsWithoutText()
  error(setmetatable({}, { __tostring = function() error("again") end }))
end
function sins.throwsOnClose()
  local x <close> = setmetatable({}, { __close = function() error("when closed") end })
end
function sins.indexesNil() return request.nothing.at.all end
function sins.loadsPrecompiled() assert(load(string.dump(function() end), "chunk", "b")) end
function sins.readsFile() return io.open("/etc/passwd") end
function sins.runsCommand() return os.execute("id") end

function sins.returnsText() return "block" end
function sins.returnsTooMuch() return { decision = "block", body = ("x"):rep(3000000) } end
function sins.returnsUnknown() return { decision = "perhaps" } end
function sins.returnsNoUtf8() return { decision = "block", body = "\xff" } end

function sins.writesMuch()
  for i = 1, 500 do print("x", i, {}) end
  return { decision = "allow", tags = { "went-on" } }
end
function sins.changesLibraries()
  local real = string.rep
  string.rep, string.format, tostring, type, pairs, next = nil, nil, nil, nil, nil, nil
  getmetatable("").__index = function() return nil end
  getmetatable("").__index = { sub = string.sub, rep = real }
  setmetatable(_G, { __newindex = function() error("closed") end })
  return { decision = "allow", tags = { "went-on" } }
end

function on_request_headers()
  local sin = sins[request.uri:sub(2)]
  if sin then
    return sin()
  end
  return { decision = "allow", tags = { "good" } }
end
