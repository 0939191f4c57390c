-- crypto: SHA-2 (FIPS 180-4), HMAC (RFC 2104), random numbers. Digests are in hexadecimal.
local random_bytes = ...
local pack, unpack, rep, byte, format = string.pack, string.unpack, string.rep, string.byte, string.format
local gsub, char, concat = string.gsub, string.char, table.concat

-- SHA-256 has the upper halves of the first 64.
local ROUND = {
  0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
  0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
  0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
  0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
  0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
  0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
  0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
  0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
  0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
  0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
  0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
  0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
  0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
  0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
  0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
  0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
  0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
  0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
  0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
  0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
}

local START_384 = {
  0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
  0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
}

local START_512 = {
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
}

local ROUND_32, START_32 = {}, {}
for i = 1, 64 do ROUND_32[i] = ROUND[i] >> 32 end
for i = 1, 8 do START_32[i] = START_512[i] >> 32 end

-- Words have 32 bits or 64; what is added up is cut to that by the mask.
local NARROW = {
  block = 64, word = ">I4", round = ROUND_32, start = START_32, mask = 0xffffffff,
  s = { 7, 18, 3, 17, 19, 10, 6, 11, 25, 2, 13, 22 },
}
local WIDE = {
  block = 128, word = ">i8", round = ROUND, start = START_512, mask = -1,
  s = { 1, 8, 7, 19, 61, 6, 14, 18, 41, 28, 34, 39 },
}

local function digest(kind, start, text)
  local bits, mask, s, round = kind.block == 64 and 32 or 64, kind.mask, kind.s, kind.round
  local function turn(x, by) return (x >> by | x << (bits - by)) & mask end
  local s1, s2, s3, s4, s5, s6 = s[1], s[2], s[3], s[4], s[5], s[6]
  local s7, s8, s9, s10, s11, s12 = s[7], s[8], s[9], s[10], s[11], s[12]
  local size, block = bits // 8, kind.block
  local zeros = -(#text + 9) % block
  if block == 128 then zeros = -(#text + 17) % block + 8 end -- a length of 16 bytes
  local padded = text .. "\x80" .. rep("\0", zeros) .. pack(">I8", #text * 8)
  local h = { table.unpack(start) }
  local w = {}
  for at = 1, #padded, block do
    for i = 1, 16 do w[i] = unpack(kind.word, padded, at + (i - 1) * size) end
    for i = 17, #round do
      local x, y = w[i - 15], w[i - 2]
      w[i] = w[i - 16] + (turn(x, s1) ~ turn(x, s2) ~ x >> s3) + w[i - 7]
        + (turn(y, s4) ~ turn(y, s5) ~ y >> s6) & mask
    end
    local a, b, c, d, e, f, g, last = table.unpack(h)
    for i = 1, #round do
      local t1 = last + (turn(e, s7) ~ turn(e, s8) ~ turn(e, s9)) + (e & f ~ ~e & g) + round[i] + w[i]
      local t2 = (turn(a, s10) ~ turn(a, s11) ~ turn(a, s12)) + (a & b ~ a & c ~ b & c)
      last, g, f, e, d, c, b, a = g, f, e, d + t1 & mask, c, b, a, t1 + t2 & mask
    end
    for i, value in ipairs({ a, b, c, d, e, f, g, last }) do h[i] = h[i] + value & mask end
  end
  for i = 1, 8 do h[i] = pack(kind.word, h[i]) end
  return concat(h)
end

local function hex(bytes)
  return (gsub(bytes, ".", function(c) return format("%02x", byte(c)) end))
end

local function text(value)
  if type(value) ~= "string" then
    error("a string is wanted, and it is a " .. type(value), 3)
  end
  return value
end

local function sha256(bytes) return digest(NARROW, START_32, bytes) end

return {
  sha256 = function(data) return hex(sha256(text(data))) end,
  sha384 = function(data) return hex(digest(WIDE, START_384, text(data)):sub(1, 48)) end,
  sha512 = function(data) return hex(digest(WIDE, START_512, text(data))) end,
  hmac_sha256 = function(key, message)
    key, message = text(key), text(message)
    if #key > 64 then key = sha256(key) end
    key = key .. rep("\0", 64 - #key)
    local function with(pad)
      return (gsub(key, ".", function(c) return char(byte(c) ~ pad) end))
    end
    return hex(sha256(with(0x5c) .. sha256(with(0x36) .. message)))
  end,
  random_bytes = function(count) return random_bytes(count) end,
  random_hex = function(count) return hex(random_bytes(count)) end,
}
