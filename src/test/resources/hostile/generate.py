#!/usr/bin/env python3
"""Writes the hostile modules that no .wat can say, or only at great length, byte by byte.

Each module is one function below; its first comment says what the module does and what must
happen: F, the failure policy answers by the deadline, and the next good request is answered good
by the next instance; L, refused at load; OK, legal, with an answer that can be checked. "OK or L"
is OK|L in index.tsv: it loads and answers so, or is refused in good time.

index.tsv has the same for the tests, of the .wat files too. Its columns: the file; the numbers in
hostile.md, section b; the kind; the reason, which for F is the failure's code (trap|timeout where
either may be), for L a word of the message, in whatever case, and for OK the first tag, or allow
for an answer without tags; the trigger, which is what a request must have to get the sin: /sin in
its URI, long for an input over 4096 bytes, - for nothing. Without its trigger every module answers
with the tag good; one without a trigger answers so, or with the reason's tag, always.

Run by build.sh. `generate.py --large DIR` writes into DIR the few modules that are too big to be
committed, all of them OK (good) loaded within 10 s and 256 MiB, or L.
"""

import os
import random
import sys

MODULES = {}
LARGE = {}


def module(make):
    """Registers a function as the maker of the module of its name."""
    MODULES[make.__name__.replace("_", "-")] = make
    return make


def large(make):
    LARGE[make.__name__.replace("_", "-")] = make
    return make


# --- The binary format: numbers, vectors, sections ---------------------------------------------


def u(n):
    """LEB128, unsigned."""
    out = bytearray()
    while True:
        low, n = n & 0x7F, n >> 7
        if n == 0:
            out.append(low)
            return bytes(out)
        out.append(low | 0x80)


def s(n):
    """LEB128, signed."""
    out = bytearray()
    while True:
        low, n = n & 0x7F, n >> 7
        if (n == 0 and not low & 0x40) or (n == -1 and low & 0x40):
            out.append(low)
            return bytes(out)
        out.append(low | 0x80)


def vec(items):
    items = list(items)
    return u(len(items)) + b"".join(items)


def name(text):
    return u(len(text)) + text.encode()


def section(number, content):
    return bytes([number]) + u(len(content)) + content


HEADER = b"\0asm\1\0\0\0"
TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, START, ELEMENT, CODE, DATA, DATA_COUNT, TAG = range(1, 14)

I32, I64, FUNCREF, I31REF, EMPTY = b"\x7f", b"\x7e", b"\x70", b"\x6c", b"\x40"


def func_type(params, results):
    return b"\x60" + vec(params) + vec(results)


def body(code, local_groups=()):
    """A function's body; local_groups are pairs of a count and a type."""
    content = vec(u(count) + kind for count, kind in local_groups) + code + END
    return u(len(content)) + content


# --- Instructions -------------------------------------------------------------------------------

UNREACHABLE, END, RETURN, DROP = b"\x00", b"\x0b", b"\x0f", b"\x1a"
I32_EQ, I32_GT_S, I32_GE_U = b"\x46", b"\x4a", b"\x4f"
I32_ADD, I32_SUB, I32_SHL, I32_SHR_U, I32_ROTL = b"\x6a", b"\x6b", b"\x74", b"\x76", b"\x77"
MEMORY_SIZE, MEMORY_GROW = b"\x3f\x00", b"\x40\x00"
I31_NEW = b"\xfb\x1c"


def block(code):
    return b"\x02" + EMPTY + code + END


def loop(code):
    return b"\x03" + EMPTY + code + END


def if_(code):
    return b"\x04" + EMPTY + code + END


def br(depth):
    return b"\x0c" + u(depth)


def br_if(depth):
    return b"\x0d" + u(depth)


def call(function):
    return b"\x10" + u(function)


def i32(n):
    return b"\x41" + s(n)


def i64(n):
    return b"\x42" + s(n)


def get(local):
    return b"\x20" + u(local)


def set_(local):
    return b"\x21" + u(local)


def tee(local):
    return b"\x22" + u(local)


def throw(tag):
    return b"\x08" + u(tag)


def try_table(catches, code):
    """catches are pairs of a kind (0 catch, 1 catch_ref, 2 catch_all, 3 catch_all_ref) and its rest."""
    return b"\x1f" + EMPTY + vec(bytes([kind]) + rest for kind, rest in catches) + code + END


# --- The house: a module that answers good, and does its sin where the input has "/sin" -----------

GOOD = '{"decision":"allow","tags":["good"]}'
# Function indices of the house; a module's own functions follow.
ALLOC, DEALLOC, IS_SIN, HANDLER, OWN = range(5)
# Type indices of the house; a module's own types follow.
VOID, OWN_TYPE = 4, 5


def packed(ptr, text):
    return i64(ptr << 32 | len(text))


def house(sin=b"", functions=(), types=(), tables=(), memories=None, tags=(), globals_=(), elements=(),
          answers=(), segments=(), always=b"", data_count=False, handler_locals=()):  # fmt: skip
    """sin runs where the input has "/sin" and then falls through to the good answer; always runs
    before it in each call. functions are triples of a type index, local groups and code; answers
    are texts that lie at 64, 128, ...
    """
    house_types = [
        func_type([I32], [I32]),
        func_type([I32, I32], []),
        func_type([I32, I32], [I32]),
        func_type([I32, I32], [I64]),
        func_type([], []),
    ]
    # One call at a time: its input always lies at 65536, and the memory grows for a long one.
    alloc = (
        get(0) + i32(16) + I32_SHR_U + i32(2) + I32_ADD + MEMORY_SIZE + I32_SUB + tee(1)
        + i32(0) + I32_GT_S + if_(get(1) + MEMORY_GROW + DROP) + i32(65536)
    )  # fmt: skip
    is_sin = (
        get(0) + get(1) + I32_ADD + i32(3) + I32_SUB + set_(2)
        + block(loop(
            get(0) + get(2) + I32_GE_U + br_if(1)
            + get(0) + b"\x28\x00\x00" + i32(0x6E69732F) + I32_EQ + if_(i32(1) + RETURN)
            + get(0) + i32(1) + I32_ADD + set_(0) + br(0)))
        + i32(0)
    )  # fmt: skip
    handler = always + get(0) + get(1) + call(IS_SIN) + if_(sin) + packed(16, GOOD)
    texts = [(16, GOOD)] + [(64 * (i + 1), text) for i, text in enumerate(answers)]
    data = [b"\x00" + i32(at) + END + name(text) for at, text in texts] + list(segments)
    return (
        HEADER
        + section(TYPE, vec(house_types + list(types)))
        + section(FUNCTION, vec([u(i) for i in (0, 1, 2, 3)] + [u(f[0]) for f in functions]))
        + (section(TABLE, vec(tables)) if tables else b"")
        + section(MEMORY, vec(memories or [b"\x00" + u(2)]))
        + (section(TAG, vec(tags)) if tags else b"")
        + (section(GLOBAL, vec(globals_)) if globals_ else b"")
        + section(EXPORT, vec([
            name("memory") + b"\x02\x00",
            name("alloc") + b"\x00" + u(ALLOC),
            name("dealloc") + b"\x00" + u(DEALLOC),
            name("on_request_headers") + b"\x00" + u(HANDLER)]))
        + (section(ELEMENT, vec(elements)) if elements else b"")
        + (section(DATA_COUNT, u(len(data))) if data_count else b"")
        + section(CODE, vec(
            [body(alloc, [(1, I32)]), body(b""), body(is_sin, [(1, I32)]), body(handler, handler_locals)]
            + [body(code, local_groups) for _, local_groups, code in functions]))
        + section(DATA, vec(data))
    )  # fmt: skip


def answer(tag):
    return '{"decision":"allow","tags":["%s"]}' % tag


# --- CPU ---------------------------------------------------------------------------------------

TO_THE_CAP = i32(250) + MEMORY_GROW + DROP
WHOLE_MEMORY = MEMORY_SIZE + i32(16) + I32_SHL + set_(0)


@module
def bulk_fill_straight_line():
    # 3,000 times memory.fill of the whole memory without a call or a branch: 48 GiB. F (timeout).
    fills = (i32(0) + i32(7) + get(0) + b"\xfc\x0b\x00") * 3000
    return house(call(OWN), [(VOID, [(1, I32)], TO_THE_CAP + WHOLE_MEMORY + fills)])


@module
def bulk_copy_straight_line():
    # 3,000 times memory.copy of all of the memory but one byte, overlapping. F (timeout).
    copies = (i32(0) + i32(1) + get(0) + b"\xfc\x0a\x00\x00") * 3000
    size = WHOLE_MEMORY + get(0) + i32(1) + I32_SUB + set_(0)
    return house(call(OWN), [(VOID, [(1, I32)], TO_THE_CAP + size + copies)])


@module
def bulk_init_straight_line():
    # 9,000 times memory.init of 100 KB without a call or a branch: 0.9 GB. F (timeout). More code
    # than a method of the JVM may have, so that the interpreter runs it.
    inits = (i32(0) + i32(0) + get(0) + b"\xfc\x08\x01\x00") * 9000
    return house(
        call(OWN),
        [(VOID, [(1, I32)], TO_THE_CAP + i32(100_000) + set_(0) + inits)],
        segments=[b"\x01" + u(100_000) + bytes(100_000)],
        data_count=True,
    )


# A table that grows to just below the cap of 65,536 entries; a smaller cap may refuse that.
TABLE_100 = FUNCREF + b"\x00" + u(100)
NULL_FUNC = b"\xd0\x70"
TABLE_TO_THE_CAP = NULL_FUNC + i32(65_000) + b"\xfc\x0f\x00" + DROP
WHOLE_TABLE = b"\xfc\x10\x00" + set_(0)


@module
def table_fill_straight_line():
    # 3,000 times table.fill of the whole table, 65,100 entries: 195 million writes. F (timeout).
    fills = (i32(0) + NULL_FUNC + get(0) + b"\xfc\x11\x00") * 3000
    return house(call(OWN), [(VOID, [(1, I32)], TABLE_TO_THE_CAP + WHOLE_TABLE + fills)], tables=[TABLE_100])


@module
def table_copy_straight_line():
    # 3,000 times table.copy of the whole table onto itself. F (timeout).
    copies = (i32(0) + i32(0) + get(0) + b"\xfc\x0e\x00\x00") * 3000
    return house(call(OWN), [(VOID, [(1, I32)], TABLE_TO_THE_CAP + WHOLE_TABLE + copies)], tables=[TABLE_100])


@module
def table_init_straight_line():
    # 3,000 times table.init of 10,000 entries; the engine evaluates an expression for each. F (timeout).
    inits = (i32(0) + i32(0) + i32(10_000) + b"\xfc\x0c\x00\x00") * 3000
    return house(
        call(OWN),
        [(VOID, [(1, I32)], inits)],
        tables=[FUNCREF + b"\x00" + u(10_000)],
        elements=[b"\x01\x00" + vec([u(DEALLOC)] * 10_000)],
    )


@module
def table_grow_straight_line():
    # 6,000 times table.grow by ten entries, each of which copies the table: F (timeout).
    grows = (NULL_FUNC + i32(10) + b"\xfc\x0f\x00" + DROP) * 6000
    return house(call(OWN), [(VOID, [], grows)], tables=[TABLE_100])


@module
def loop_br_on_null():
    # Loops for ever by br_on_null of a null. F (timeout).
    return house(loop(NULL_FUNC + b"\xd5\x00" + DROP))


@module
def loop_br_on_non_null():
    # Loops for ever by br_on_non_null, the reference being the loop's parameter. F (timeout).
    head = b"\xd2" + u(OWN) + b"\x03" + s(OWN_TYPE)
    return house(
        call(OWN),
        [(VOID, [], head + b"\xd6\x00" + b"\x0b")],
        types=[func_type([b"\x64\x70"], [])],
        elements=[b"\x03\x00" + vec([u(OWN)])],
    )


@module
def loop_br_on_cast():
    # Loops for ever by br_on_cast of a function reference to a function reference; needs no struct
    # or array type. F (timeout), or L.
    head = b"\xd2" + u(OWN) + b"\x03" + s(OWN_TYPE)
    return house(
        call(OWN),
        [(VOID, [], head + b"\xfb\x18\x01\x00\x70\x70" + DROP + END)],
        types=[func_type([b"\x64\x70"], [])],
        elements=[b"\x03\x00" + vec([u(OWN)])],
    )


@module
def recursion_call_ref():
    # Calls itself by call_ref without end. F (trap): the call stack is exhausted.
    me = b"\xd2" + u(OWN) + b"\x14" + u(VOID)
    return house(call(OWN), [(VOID, [], me + me)], elements=[b"\x03\x00" + vec([u(OWN)])])


@module
def loop_return_call_ref():
    # Calls itself by return_call_ref without end. F (trap when compiled, timeout when interpreted).
    me = b"\xd2" + u(OWN) + b"\x15" + u(VOID)
    return house(call(OWN), [(VOID, [], me)], elements=[b"\x03\x00" + vec([u(OWN)])])


TAG_VOID = b"\x00" + u(VOID)


@module
def exception_throw_loop():
    # Throws and catches an exception in each round of an endless loop. F (timeout).
    caught = block(try_table([(0, u(0) + u(0))], throw(0)))
    return house(loop(caught + br(0)), tags=[TAG_VOID])


@module
def exception_through_calls():
    # Endless loop; each exception comes out of 100 calls, one within the other. F (timeout).
    deep = [(VOID, [], call(OWN + i + 1)) for i in range(99)] + [(VOID, [], throw(0))]
    return house(loop(block(try_table([(2, u(0))], call(OWN))) + br(0)), deep, tags=[TAG_VOID])


@module
def exception_catch_to_loop():
    # Loops for ever without a branch: the catch clause itself names the loop. F (timeout).
    return house(loop(try_table([(0, u(0) + u(0))], throw(0))), tags=[TAG_VOID])


def nested_catches(depth):
    """try_tables, one within the other, each of which catches all and throws again."""
    code = throw(0)
    for _ in range(depth):
        code = block(try_table([(2, u(0))], code)) + throw(0)
    return code


@module
def exception_nested_catches():
    # 20 nested try_tables, each of which catches all and throws again, in an endless loop. F (timeout).
    return house(
        loop(block(try_table([(2, u(0))], call(OWN))) + br(0)), [(VOID, [], nested_catches(20))], tags=[TAG_VOID]
    )


@module
def exception_nested_catches_2000():
    # The same 2,000 deep and once in each call. OK (good) or L: no StackOverflowError gets out.
    return house(
        always=block(try_table([(2, u(0))], call(OWN))), functions=[(VOID, [], nested_catches(2000))], tags=[TAG_VOID]
    )


@module
def exception_catch_all_around_loop():
    # Loops for ever within a catch_all, within a loop: being interrupted is no exception of the
    # module's, it must not get to catch it. F (timeout).
    return house(loop(block(try_table([(2, u(0))], loop(br(0)))) + br(0)), tags=[TAG_VOID])


@module
def exception_catch_all_around_trap():
    # unreachable within a catch_all: a trap is no exception either. F (trap).
    return house(block(try_table([(2, u(0))], UNREACHABLE)), tags=[TAG_VOID])


@module
def exception_catch_all_around_recursion():
    # Endless recursion, each call in a catch_all that would go on. F (trap, or timeout).
    code = block(try_table([(2, u(0))], call(OWN))) + call(OWN)
    return house(call(OWN), [(VOID, [], code)], tags=[TAG_VOID])


@module
def exception_uncaught():
    # Throws an exception that nobody catches. F (trap): the host's to catch.
    return house(throw(0), tags=[TAG_VOID])


# --- Memory, tables, heap ------------------------------------------------------------------------


@module
def memories_1000():
    # 1,000 memories of one page: 62.5 MiB, each by itself within the cap. L.
    return house(memories=[b"\x00" + u(2)] + [b"\x00" + u(1)] * 999)


def array_of(kind):
    return b"\x5e" + kind + b"\x01"


@module
def gc_array_loop():
    # Makes arrays of 2^20 i64 for ever, on the Java heap. L: array types are not offered.
    return house(loop(i32(1 << 20) + b"\xfb\x07" + u(OWN_TYPE) + DROP + br(0)), types=[array_of(I64)])


@module
def gc_array_2_to_30():
    # Makes one array of 2^30 i64, 8 GiB. L: array types are not offered.
    return house(i32(1 << 30) + b"\xfb\x07" + u(OWN_TYPE) + DROP, types=[array_of(I64)])


@module
def gc_list_in_global():
    # Makes a list of 200,000 structs in a global: the engine's sweep recurses over it. L: struct
    # types are not offered.
    link = b"\x63" + s(OWN_TYPE)
    push = b"\x23\x00" + b"\xfb\x00" + u(OWN_TYPE) + b"\x24\x00"
    return house(
        i32(200_000) + set_(2) + loop(push + get(2) + i32(1) + I32_SUB + tee(2) + br_if(0)),
        types=[b"\x5f" + vec([link + b"\x01"])],
        globals_=[link + b"\x01" + b"\xd0" + s(OWN_TYPE) + END],
        handler_locals=[(1, I32)],
    )


@module
def gc_i31_in_table_loop():
    # Puts i31 references into a table for ever: the engine makes a Java object of each and keeps
    # it until the call ends. There is no struct or array type to see. L: i31 is not offered.
    put = i32(0) + i32(1) + I31_NEW + b"\x26\x00"
    return house(loop(put + br(0)), tables=[I31REF + b"\x00" + u(1)])


@module
def gc_i31_dropped_loop():
    # Makes i31 references for ever and keeps none: the engine keeps a Java object of each all the
    # same, and there is no type, table or global to see it by. L: i31 is not offered.
    return house(loop(i32(1) + I31_NEW + DROP + br(0)))


@module
def gc_i31_in_global():
    # Reads a global that holds an i31 for ever: the engine makes a Java object at each look. L.
    is_made = i32(1) + I31_NEW + END
    return house(loop(b"\x23\x00" + DROP + br(0)), globals_=[I31REF + b"\x00" + is_made])


# --- Shape --------------------------------------------------------------------------------------


@module
def recursion_with_50000_locals():
    # A function with 50,000 i32 locals recurses without end. F (trap).
    return house(call(OWN), [(VOID, [(50_000, I32)], i32(1) + set_(49_999) + call(OWN) + call(OWN))])


@module
def recursion_with_50000_wide_locals():
    # The same with i64 locals, 100,000 slots: more than a JVM method may have. F (trap).
    return house(call(OWN), [(VOID, [(50_000, I64)], i64(1) + set_(49_999) + call(OWN) + call(OWN))])


@module
def locals_bomb():
    # 10,000 groups of 50,000 locals in 40 KB: each group is within the engine's limit, the engine
    # makes a list of all 500 million while it parses. L: 50,000 locals a function are the limit.
    return house(functions=[(VOID, [(50_000, I32)] * 10_000, b"")])


@module
def nested_blocks_100000():
    # 100,000 blocks, one within the other, run in each call. OK (good): no StackOverflowError in the parser.
    return house(always=call(OWN), functions=[(VOID, [], (b"\x02" + EMPTY) * 100_000 + br(99_999) + END * 100_000)])


@module
def nested_ifs_5000():
    # 5,000 ifs, one within the other, run in each call. OK (good).
    return house(always=call(OWN), functions=[(VOID, [], (i32(1) + b"\x04" + EMPTY) * 5_000 + END * 5_000)])


STEPS = 9_000


def too_long_for_a_jvm_method():
    """Straight-line code, 72 KB that become 81 KB for the JVM, and the i32 it leaves on the stack."""
    value = 1
    for _ in range(STEPS):
        value = (value + 12345) & 0xFFFFFFFF
        value = (value << 7 | value >> 25) & 0xFFFFFFFF
    code = i32(1) + (i32(12345) + I32_ADD + i32(7) + I32_ROTL) * STEPS
    return code, value - (1 << 32) if value >= 1 << 31 else value


LONG_CODE, LONG_VALUE = too_long_for_a_jvm_method()


@module
def function_over_64k_of_bytecode():
    # A function that is too big for a JVM method, so that the engine interprets it, computes a
    # number in 9,000 steps on /sin. OK (right, else wrong), and a warning is counted.
    return house(
        call(OWN) + i32(LONG_VALUE) + I32_EQ + if_(packed(64, answer("right")) + RETURN) + packed(128, answer("wrong")) + RETURN,
        [(OWN_TYPE, [], LONG_CODE)],
        types=[func_type([], [I32])],
        answers=[answer("right"), answer("wrong")],
    )


@module
def loop_in_function_over_64k_of_bytecode():
    # Loops for ever in a function that is too big for a JVM method. F (timeout).
    return house(call(OWN), [(VOID, [], LONG_CODE + DROP + loop(br(0)))])


@module
def loop_br_if_in_function_over_64k_of_bytecode():
    # The same by br_if: the engine's interpreter looks at the interrupt flag at br alone. F (timeout).
    return house(call(OWN), [(VOID, [], LONG_CODE + DROP + loop(i32(1) + br_if(0)))])


@module
def loop_return_call_in_function_over_64k_of_bytecode():
    # The same by return_call of itself. F (timeout, or trap).
    return house(call(OWN), [(VOID, [], LONG_CODE + DROP + b"\x12" + u(OWN))])


@module
def recursion_through_function_over_64k_of_bytecode():
    # A compiled function and one that the engine interprets call each other without end. F (trap).
    return house(call(OWN), [(VOID, [], call(OWN + 1) + call(OWN + 1) + LONG_CODE + DROP), (VOID, [], call(OWN) + call(OWN))])


@module
def function_with_1000_params():
    # Calls a function with 1,000 i64 parameters, of which the JVM allows 127, on /sin; it adds
    # them up. OK (right, else wrong).
    add = b"".join(get(i) + b"\x7c" for i in range(1, 1000))
    return house(
        b"".join(i64(i) for i in range(1000)) + call(OWN) + i64(499_500) + b"\x51"
        + if_(packed(64, answer("right")) + RETURN) + packed(128, answer("wrong")) + RETURN,
        [(OWN_TYPE, [], get(0) + add)],
        types=[func_type([I64] * 1000, [I64])],
        answers=[answer("right"), answer("wrong")],
    )  # fmt: skip


def with_results(count):
    """Calls a function with so many i64 results on /sin and adds them up."""
    return house(
        call(OWN) + b"\x7c" * (count - 1) + i64(count * (count - 1) // 2) + b"\x51"
        + if_(packed(64, answer("right")) + RETURN) + packed(128, answer("wrong")) + RETURN,
        [(OWN_TYPE, [], b"".join(i64(i) for i in range(count)))],
        types=[func_type([], [I64] * count)],
        answers=[answer("right"), answer("wrong")],
    )  # fmt: skip


@module
def function_with_100_results():
    # 100 results. OK (right, else wrong).
    return with_results(100)


@module
def function_with_1000_results():
    # 1,000 results, valid: OK (right, else wrong), or L where the engine cannot compile it.
    return with_results(1000)


def br_table(labels, default):
    return b"\x0e" + vec(u(label) for label in labels) + u(default)


def with_br_table(count):
    return house(always=call(OWN), functions=[(VOID, [], block(i32(7) + br_table([0] * count, 0)))])


@module
def br_table_100000():
    # A br_table of 100,000 labels, run in each call. OK (good) loaded within 10 s and 256 MiB, or L.
    return with_br_table(100_000)


@large
def br_table_1m():
    # A br_table of a million labels.
    return with_br_table(1_000_000)


@module
def br_table_deep_labels():
    # 16,000 nested blocks around a br_table of 50,000 labels that all name the outermost: the
    # engine's parser walks up to it for each, 800 million steps. OK (good) loaded within 10 s, or L.
    depth, count = 16_000, 50_000
    code = (b"\x02" + EMPTY) * depth + i32(7) + br_table([depth - 1] * count, depth - 1) + END * depth
    return house(always=call(OWN), functions=[(VOID, [], code)])


@large
def br_table_deeper_labels():
    # 100,000 nested blocks and 500,000 labels: 50 billion steps, out of 1.8 MB.
    depth, count = 100_000, 500_000
    code = (b"\x02" + EMPTY) * depth + i32(7) + br_table([depth - 1] * count, depth - 1) + END * depth
    return house(always=call(OWN), functions=[(VOID, [], code)])


@module
def functions_30000():
    # 30,000 empty functions. OK (good) loaded within 10 s and 256 MiB, or L.
    return house(functions=[(VOID, [], b"")] * 30_000)


@large
def functions_100000():
    # 100,000 empty functions.
    return house(functions=[(VOID, [], b"")] * 100_000)


@module
def types_40000():
    # 40,000 times the same type. OK (good) loaded within 10 s and 256 MiB, or L.
    return house(types=[func_type([], [])] * 40_000)


@large
def types_1m():
    # A million times the same type.
    return house(types=[func_type([], [])] * 1_000_000)


@module
def globals_20000():
    # 20,000 globals. OK (good) loaded within 10 s and 256 MiB, or L.
    return house(globals_=[I32 + b"\x01" + i32(0) + END] * 20_000)


@module
def tables_20000_empty():
    # 20,000 tables without entries: within every cap of entries. OK (good) within 256 MiB, or L.
    return house(tables=[FUNCREF + b"\x00\x00"] * 20_000)


@module
def imports_20000():
    # 20,000 times env.abort, each import as it is offered: the engine compares every name with every
    # other, for each instance anew, and sees no interrupt meanwhile (14 s). L: too many imports.
    count = 20_000
    abort = func_type([I32] * 4, [])
    return (
        HEADER
        + section(TYPE, vec([abort, func_type([I32], [I32]), func_type([I32] * 2, []), func_type([I32] * 2, [I64])]))
        + section(IMPORT, vec([name("env") + name("abort") + b"\x00" + u(0)] * count))
        + section(FUNCTION, vec([u(1), u(2), u(3)]))
        + section(MEMORY, vec([b"\x00" + u(2)]))
        + section(EXPORT, vec([
            name("memory") + b"\x02\x00",
            name("alloc") + b"\x00" + u(count),
            name("dealloc") + b"\x00" + u(count + 1),
            name("on_request_headers") + b"\x00" + u(count + 2)]))
        + section(CODE, vec([body(i32(65_536)), body(b""), body(i64(0))]))
    )  # fmt: skip


@module
def data_segments_20000():
    # 20,000 active data segments of no bytes. OK (good) loaded within 10 s and 256 MiB, or L.
    return house(segments=[b"\x00" + i32(0) + END + u(0)] * 20_000)


# --- Lies and garbage: all L, "malformed" -------------------------------------------------------

FOUR_BILLION = u(0xFFFFFFFF)
TWO_BILLION = u(0x7FFFFFFF)


@module
def lying_section_length():
    # A type section that says to have 4 GiB - 1. L.
    return HEADER + bytes([TYPE]) + FOUR_BILLION + b"\x01\x60\x00\x00"


@module
def lying_section_length_2gib():
    # A type section that says to have 2 GiB - 1: its end overflows a Java int. L.
    return HEADER + bytes([TYPE]) + TWO_BILLION + b"\x01\x60\x00\x00"


@module
def lying_custom_section_length():
    # A custom section that says to have 4 GiB - 1. L.
    return HEADER + b"\x00" + FOUR_BILLION + b"\x01x"


def lying_count(number, count, rest=b""):
    """A section whose vector says to have so many entries, and has none."""
    return HEADER + section(number, count + rest)


for number, what in [(TYPE, "type"), (IMPORT, "import"), (FUNCTION, "function"), (TABLE, "table"), (MEMORY, "memory"),
                     (GLOBAL, "global"), (EXPORT, "export"), (ELEMENT, "element"), (CODE, "code"), (DATA, "data"),
                     (TAG, "tag")]:  # fmt: skip
    # A section that says to have 4e9 entries and has none. L.
    MODULES["lying-%s-count" % what] = lambda number=number: lying_count(number, FOUR_BILLION)


@module
def lying_param_count():
    # A function type that says to have 2^31-1 parameters: the engine makes a list of that size. L.
    return lying_count(TYPE, u(1), b"\x60" + TWO_BILLION)


@module
def lying_param_count_negative():
    # A function type that says to have 2^32-1 parameters, -1 as a Java int. L.
    return lying_count(TYPE, u(1), b"\x60" + FOUR_BILLION)


@module
def lying_result_count():
    # A function type that says to have 2^31-1 results. L.
    return lying_count(TYPE, u(1), b"\x60\x00" + TWO_BILLION)


@module
def lying_rec_group_count():
    # A recursion group that says to have 2^31-1 types. L.
    return lying_count(TYPE, u(1), b"\x4e" + TWO_BILLION)


@module
def lying_supertype_count():
    # A type that says to have 2^31-1 supertypes. L.
    return lying_count(TYPE, u(1), b"\x50" + TWO_BILLION)


@module
def lying_name_length():
    # An import whose module name says to have 2^31-1 bytes. L.
    return lying_count(IMPORT, u(1), TWO_BILLION + b"env")


@module
def lying_locals_count():
    # A body that says to have 4e9 groups of locals. L.
    content = FOUR_BILLION + END
    return HEADER + section(TYPE, vec([func_type([], [])])) + section(FUNCTION, vec([u(0)])) + section(
        CODE, u(1) + u(len(content)) + content)  # fmt: skip


@module
def lying_body_length():
    # A body that says to have 4 GiB - 1. L.
    return HEADER + section(TYPE, vec([func_type([], [])])) + section(FUNCTION, vec([u(0)])) + section(
        CODE, u(1) + FOUR_BILLION + b"\x00\x0b")  # fmt: skip


@module
def lying_br_table_count():
    # A br_table that says to have 4e9 labels. L.
    content = u(0) + i32(0) + b"\x0e" + FOUR_BILLION
    return HEADER + section(TYPE, vec([func_type([], [])])) + section(FUNCTION, vec([u(0)])) + section(
        CODE, u(1) + u(len(content)) + content)  # fmt: skip


@module
def lying_data_length():
    # A data segment that says to have 2^31-1 bytes: the engine makes an array of that size. L.
    return lying_count(DATA, u(1), b"\x01" + TWO_BILLION + b"x")


@module
def lying_data_length_1gib():
    # A data segment that says to have 1 GiB. L.
    return lying_count(DATA, u(1), b"\x01" + u(1 << 30) + b"x")


@module
def lying_data_length_negative():
    # A data segment that says to have 2^32-1 bytes, -1 as a Java int. L.
    return lying_count(DATA, u(1), b"\x01" + FOUR_BILLION + b"x")


@module
def lying_element_count():
    # An element segment that says to have 2^31-1 entries. L.
    return lying_count(ELEMENT, u(1), b"\x01\x00" + TWO_BILLION)


@module
def leb128_without_end():
    # A section length whose LEB128 never ends. L.
    return HEADER + bytes([TYPE]) + b"\x80" * 1000


@module
def sections_out_of_order():
    # The type section after the function section. L.
    return HEADER + section(FUNCTION, vec([u(0)])) + section(TYPE, vec([func_type([], [])]))


@module
def section_unknown():
    # A section of the number 99. L.
    return HEADER + section(99, b"what")


@module
def empty_file():
    # No bytes at all. L.
    return b""


@module
def header_alone():
    # The eight bytes of the header: a valid module that exports nothing. L (memory).
    return HEADER


@module
def header_cut():
    # The first five bytes of a module. L.
    return HEADER[:5]


@module
def truncated_in_code():
    # A good module without its second half. L.
    good = house()
    return good[: len(good) // 2]


@module
def truncated_by_one_byte():
    # A good module without its last byte. L.
    return house()[:-1]


@module
def random_bytes():
    # 4 KiB of noise. L.
    return random.Random(20261124).randbytes(4096)


@module
def random_bytes_after_header():
    # A module's header and 4 KiB of noise. L.
    return HEADER + random.Random(20261125).randbytes(4096)


@module
def elf_file():
    # The header of an ELF executable. L.
    return b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00\x01\x00\x00\x00" + bytes(104)


@module
def component_model_file():
    # A component of the component model, which has the same magic number and version 0x0001000d. L.
    return b"\0asm\x0d\x00\x01\x00" + section(1, HEADER)


@module
def version_2():
    # A module of version 2. L.
    return b"\0asm\2\0\0\0" + house()[8:]


@module
def text_format_file():
    # A module in the text format by the name of .wasm. L.
    return b'(module (memory (export "memory") 1))\n'


@module
def type_mismatch():
    # A function that returns nothing where its type has an i32: parses, is not valid. L (invalid).
    return house(functions=[(OWN_TYPE, [], b"")], types=[func_type([], [I32])])


@module
def call_to_nowhere():
    # A call of function 1000 where there are five. L (invalid).
    return house(functions=[(VOID, [], call(1000))])


@module
def start_function_to_nowhere():
    # A start section that names function 4e9. L.
    return HEADER + section(TYPE, vec([func_type([], [])])) + section(START, FOUR_BILLION)


@module
def export_of_nowhere():
    # Exports function 1000 where there is none. L.
    return HEADER + section(EXPORT, vec([name("alloc") + b"\x00" + u(1000)]))


@module
def export_twice():
    # Exports alloc twice, the second time as dealloc. L (invalid): export names are unique.
    good = house()
    once = name("alloc") + b"\x00" + u(ALLOC)
    at = good.index(once)
    count = good.index(name("memory")) - 1
    twice = bytearray(good[:at] + name("alloc") + b"\x00" + u(DEALLOC) + good[at:])
    twice[count] += 1
    twice[count - 1] += len(once)
    return bytes(twice)


def main(args):
    if args[:1] == ["--large"] and len(args) == 2:
        target, modules = args[1], LARGE
    elif not args:
        target, modules = os.path.dirname(os.path.abspath(__file__)), MODULES
    else:
        sys.exit(__doc__)
    for file, make in modules.items():
        with open(os.path.join(target, file + ".wasm"), "wb") as out:
            out.write(make())


main(sys.argv[1:])
