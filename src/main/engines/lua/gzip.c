/*
 * gzip (RFC 1952), and within it DEFLATE (RFC 1951). What is decompressed grows no further than the
 * module's memory may, and takes no longer than the event's deadline.
 */
#include "gzip.h"

#include <stdint.h>
#include <string.h>

#include "lauxlib.h"

#define HEADER_SIZE 10
#define TRAILER_SIZE 8
enum flag { HEADER_CHECKSUM = 2, EXTRA = 4, NAME = 8, COMMENT = 16, UNKNOWN = 0xe0 };

#define END_OF_BLOCK 256
#define LENGTH_CODES 29
#define DISTANCE_CODES 30
#define SHORTEST 3
#define LONGEST 258
#define WINDOW 32768

static const uint16_t LENGTHS[LENGTH_CODES] = {3,  4,  5,  6,  7,  8,  9,  10,  11,  13,
                                               15, 17, 19, 23, 27, 31, 35, 43,  51,  59,
                                               67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint16_t DISTANCES[DISTANCE_CODES] = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};

static int extra_of_length(int code) {
  return code < 8 || code == LENGTH_CODES - 1 ? 0 : (code - 4) / 4;
}

static int extra_of_distance(int code) { return code < 4 ? 0 : (code - 2) / 2; }

static uint32_t checksum(const uint8_t *bytes, size_t length) {
  uint32_t sum = UINT32_MAX;
  for (size_t i = 0; i < length; i++) {
    sum ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
  }
  return ~sum;
}

static uint32_t u32(const uint8_t *at) {
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Compression: one block with the fixed codes. */

struct writer {
  luaL_Buffer buffer;
  uint32_t bits;
  int count;
};

static void put(struct writer *out, uint32_t bits, int count) {
  out->bits |= bits << out->count;
  out->count += count;
  for (; out->count >= 8; out->count -= 8, out->bits >>= 8) {
    luaL_addchar(&out->buffer, (char)(out->bits & 0xff));
  }
}

/* Codes begin with their highest bit. */
static void put_code(struct writer *out, uint32_t code, int count) {
  uint32_t reversed = 0;
  for (int i = 0; i < count; i++) reversed |= (code >> i & 1) << (count - 1 - i);
  put(out, reversed, count);
}

static void put_symbol(struct writer *out, uint32_t symbol) {
  if (symbol < 144) {
    put_code(out, 0x30 + symbol, 8);
  } else if (symbol < 256) {
    put_code(out, 0x190 + symbol - 144, 9);
  } else if (symbol < 280) {
    put_code(out, symbol - 256, 7);
  } else {
    put_code(out, 0xc0 + symbol - 280, 8);
  }
}

static int code_for(const uint16_t *bases, int codes, size_t value) {
  int code = codes - 1;
  while (bases[code] > value) code--;
  return code;
}

static void put_copy(struct writer *out, size_t length, size_t distance) {
  int code = code_for(LENGTHS, LENGTH_CODES, length);
  put_symbol(out, (uint32_t)(END_OF_BLOCK + 1 + code));
  put(out, (uint32_t)(length - LENGTHS[code]), extra_of_length(code));
  code = code_for(DISTANCES, DISTANCE_CODES, distance);
  put_code(out, (uint32_t)code, 5);
  put(out, (uint32_t)(distance - DISTANCES[code]), extra_of_distance(code));
}

static void deflate(struct writer *out, const uint8_t *text, size_t length) {
  static uint32_t latest[4096]; /* where three bytes of that hash stood last, and 1 */
  memset(latest, 0, sizeof latest);
  put(out, 1, 1); /* the last block */
  put(out, 1, 2); /* with fixed codes */
  for (size_t at = 0; at < length;) {
    size_t same = 0, distance = 0;
    if (length - at >= SHORTEST) {
      uint32_t hash = (text[at] | (uint32_t)text[at + 1] << 8 | (uint32_t)text[at + 2] << 16) *
                          2654435761u >> 20;
      size_t before = latest[hash];
      latest[hash] = (uint32_t)at + 1;
      size_t most = length - at < LONGEST ? length - at : LONGEST;
      if (before && (distance = at - (before - 1)) <= WINDOW) {
        while (same < most && text[at + same] == text[before - 1 + same]) same++;
      }
    }
    if (same >= SHORTEST) {
      put_copy(out, same, distance);
      at += same;
    } else {
      put_symbol(out, text[at++]);
    }
  }
  put_symbol(out, END_OF_BLOCK);
  if (out->count) put(out, 0, 8 - out->count);
}

int gzip_compress(lua_State *L) {
  static const char header[HEADER_SIZE] = {'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, '\xff'};
  size_t length;
  const uint8_t *text = (const uint8_t *)luaL_checklstring(L, 1, &length);
  struct writer out = {.bits = 0, .count = 0};
  luaL_buffinit(L, &out.buffer);
  luaL_addlstring(&out.buffer, header, sizeof header);
  deflate(&out, text, length);
  uint32_t sum = checksum(text, length);
  put(&out, sum & 0xffff, 16);
  put(&out, sum >> 16, 16);
  put(&out, (uint32_t)length & 0xffff, 16);
  put(&out, (uint32_t)length >> 16, 16);
  luaL_pushresult(&out.buffer);
  return 1;
}

/* Decompression. */

struct reader {
  lua_State *L;
  luaL_Buffer buffer;
  const uint8_t *at, *end;
  uint32_t bits;
  int count;
};

static _Noreturn void refuse(lua_State *L, const char *why) {
  luaL_error(L, "no gzip: %s", why);
  __builtin_unreachable();
}

static uint32_t take(struct reader *in, int count) {
  while (in->count < count) {
    if (in->at == in->end) refuse(in->L, "it ends too early");
    in->bits |= (uint32_t)*in->at++ << in->count;
    in->count += 8;
  }
  uint32_t taken = in->bits & ((1u << count) - 1);
  in->bits >>= count;
  in->count -= count;
  return taken;
}

#define MOST_BITS 15
#define MOST_SYMBOLS 288

/* A canonical code: how many symbols have a code of each length, and the symbols in their order. */
struct code {
  uint16_t count[MOST_BITS + 1], symbols[MOST_SYMBOLS];
};

static void make_code(lua_State *L, struct code *code, const uint8_t *lengths, int symbols) {
  uint16_t offsets[MOST_BITS + 2] = {0};
  int left = 1;
  memset(code->count, 0, sizeof code->count);
  for (int i = 0; i < symbols; i++) code->count[lengths[i]]++;
  for (int bits = 1; bits <= MOST_BITS; bits++) {
    left = 2 * left - code->count[bits];
    if (left < 0) refuse(L, "a code has too many symbols");
    offsets[bits + 1] = offsets[bits] + code->count[bits];
  }
  for (int i = 0; i < symbols; i++) {
    if (lengths[i]) code->symbols[offsets[lengths[i]]++] = (uint16_t)i;
  }
}

static int take_symbol(struct reader *in, const struct code *code) {
  int value = 0, first = 0, index = 0;
  for (int bits = 1; bits <= MOST_BITS; bits++) {
    value |= (int)take(in, 1);
    int count = code->count[bits];
    if (value - count < first) return code->symbols[index + (value - first)];
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  refuse(in->L, "an unknown code");
}

static void take_codes(struct reader *in, struct code *symbols, struct code *distances) {
  static const uint8_t ORDER[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[MOST_SYMBOLS + 32] = {0};
  int of_symbols = (int)take(in, 5) + 257, all = of_symbols + (int)take(in, 5) + 1;
  int of_lengths = (int)take(in, 4) + 4;
  for (int i = 0; i < of_lengths; i++) lengths[ORDER[i]] = (uint8_t)take(in, 3);
  make_code(in->L, symbols, lengths, 19);
  memset(lengths, 0, sizeof lengths);
  for (int i = 0; i < all;) {
    int symbol = take_symbol(in, symbols), times = 1;
    uint8_t length = (uint8_t)symbol;
    if (symbol == 16) {
      if (i == 0) refuse(in->L, "nothing to repeat");
      length = lengths[i - 1];
      times = 3 + (int)take(in, 2);
    } else if (symbol > 16) {
      length = 0;
      times = symbol == 17 ? 3 + (int)take(in, 3) : 11 + (int)take(in, 7);
    }
    if (times > all - i) refuse(in->L, "too many code lengths");
    while (times-- > 0) lengths[i++] = length;
  }
  if (!lengths[END_OF_BLOCK]) refuse(in->L, "a block without an end");
  make_code(in->L, symbols, lengths, of_symbols);
  make_code(in->L, distances, lengths + of_symbols, all - of_symbols);
}

static void fixed_codes(lua_State *L, struct code *symbols, struct code *distances) {
  uint8_t lengths[MOST_SYMBOLS];
  memset(lengths, 8, 144);
  memset(lengths + 144, 9, 256 - 144);
  memset(lengths + 256, 7, 280 - 256);
  memset(lengths + 280, 8, MOST_SYMBOLS - 280);
  make_code(L, symbols, lengths, MOST_SYMBOLS);
  memset(lengths, 5, DISTANCE_CODES);
  make_code(L, distances, lengths, DISTANCE_CODES);
}

/* begin is where in the buffer this member's text begins. */
static void take_copy(struct reader *in, int code, const struct code *distances, size_t begin) {
  if (code >= LENGTH_CODES) refuse(in->L, "an unknown length");
  size_t length = LENGTHS[code] + take(in, extra_of_length(code));
  code = take_symbol(in, distances);
  if (code >= DISTANCE_CODES) refuse(in->L, "an unknown distance");
  size_t distance = DISTANCES[code] + take(in, extra_of_distance(code));
  if (distance > luaL_bufflen(&in->buffer) - begin) refuse(in->L, "a copy from before its begin");
  char *to = luaL_prepbuffsize(&in->buffer, length);
  for (size_t i = 0; i < length; i++) to[i] = to[(ptrdiff_t)i - (ptrdiff_t)distance];
  luaL_addsize(&in->buffer, length);
}

static void take_stored(struct reader *in) {
  in->bits = 0;
  in->count = 0;
  if (in->end - in->at < 4) refuse(in->L, "it ends too early");
  uint32_t lengths = u32(in->at);
  size_t length = lengths & 0xffff;
  if ((lengths >> 16 ^ 0xffff) != length) refuse(in->L, "a length that is none");
  in->at += 4;
  if ((size_t)(in->end - in->at) < length) refuse(in->L, "it ends too early");
  luaL_addlstring(&in->buffer, (const char *)in->at, length);
  in->at += length;
}

static void inflate(struct reader *in) {
  struct code symbols, distances;
  size_t begin = luaL_bufflen(&in->buffer);
  int last;
  in->bits = 0;
  in->count = 0;
  do {
    last = (int)take(in, 1);
    uint32_t kind = take(in, 2);
    if (kind == 0) {
      take_stored(in);
      continue;
    }
    if (kind == 3) refuse(in->L, "an unknown kind of block");
    if (kind == 1) {
      fixed_codes(in->L, &symbols, &distances);
    } else {
      take_codes(in, &symbols, &distances);
    }
    for (int symbol; (symbol = take_symbol(in, &symbols)) != END_OF_BLOCK;) {
      if (symbol < END_OF_BLOCK) {
        luaL_addchar(&in->buffer, (char)symbol);
      } else {
        take_copy(in, symbol - END_OF_BLOCK - 1, &distances, begin);
      }
    }
  } while (!last);
}

static void skip(struct reader *in, size_t count) {
  if ((size_t)(in->end - in->at) < count) refuse(in->L, "it ends too early");
  in->at += count;
}

static void skip_text(struct reader *in) {
  const uint8_t *end = memchr(in->at, 0, (size_t)(in->end - in->at));
  if (!end) refuse(in->L, "it ends too early");
  in->at = end + 1;
}

static void skip_header(struct reader *in) {
  const uint8_t *header = in->at;
  skip(in, HEADER_SIZE);
  if (header[0] != 0x1f || header[1] != 0x8b) refuse(in->L, "it does not begin as one");
  if (header[2] != 8 || header[3] & UNKNOWN) refuse(in->L, "an unknown method");
  if (header[3] & EXTRA) {
    const uint8_t *length = in->at;
    skip(in, 2);
    skip(in, (size_t)(length[0] | length[1] << 8));
  }
  if (header[3] & NAME) skip_text(in);
  if (header[3] & COMMENT) skip_text(in);
  if (header[3] & HEADER_CHECKSUM) skip(in, 2);
}

int gzip_decompress(lua_State *L) {
  size_t length;
  const uint8_t *bytes = (const uint8_t *)luaL_checklstring(L, 1, &length);
  struct reader in = {.L = L, .at = bytes, .end = bytes + length};
  luaL_buffinit(L, &in.buffer);
  do { /* a file may have several members */
    size_t begin = luaL_bufflen(&in.buffer);
    skip_header(&in);
    inflate(&in);
    const uint8_t *trailer = in.at;
    skip(&in, TRAILER_SIZE);
    size_t size = luaL_bufflen(&in.buffer) - begin;
    const uint8_t *text = (const uint8_t *)luaL_buffaddr(&in.buffer) + begin;
    if (u32(trailer + 4) != size || u32(trailer) != checksum(text, size)) {
      refuse(L, "its checksum is another");
    }
  } while (in.at < in.end);
  luaL_pushresult(&in.buffer);
  return 1;
}
