"""Which stage of a request a stack belongs to."""

import re
from collections import Counter

# The first rule whose pattern is found in a stack (root;…;leaf) wins: special ones come first.
RULES = [
    ("JIT compiler", r"^\[C[12] Comp|CompileBroker"),
    ("garbage collector", r"VM_SerialCollect|VM_GenCollect|DefNewGeneration|VMThread::"),
    ("slot: module's JSON written", r"GuestInput\."),
    ("slot: result read", r"GuestResult\."),
    ("slot: module", r"wasm/Guest\."),
    ("loop: waiting actively", r"Outbox\.look.*ActiveWait"),
    ("slot: waiting actively", r"ActiveWait\."),
    ("slot: deadline", r"pool/Deadline\.|Watchdog\.(watch|expect|await|arm|started)"),
    ("slot: event loop is woken", r"Outbox\.offer"),
    ("slot: metrics", r"GuestVerticle.*(ops/|Metrics)"),
    ("slot: queue, rest of draining", r"GuestVerticle\.drain"),
    ("slot: being called (event bus, worker pool, parking)", r"^\[wasm-slot"),
    ("watchdog", r"^\[wasm-watchdog|Watchdog\."),
    ("loop: slot is called (event bus, wake-up)", r"GuestPool\.callAnother"),
    ("loop: submit", r"GuestPool\.submit"),
    ("loop: event parsed", r"Codec\.decode|FrameDecoder\."),
    ("loop: event bus to dispatcher", r"Session\.take.*(eventbus|EventBus|dispatch)|Dispatcher\."),
    ("loop: answer encoded", r"Codec\.encode|ReplyWriter\."),
    ("loop: metrics", r"Session\.answer.*(ops/|Metrics|micrometer)"),
    ("loop: written (syscall and Netty)", r"Session\.write|WriteGuard\.|doWrite|writevAddresses"),
    ("loop: session, rest", r"server/Session\.(pump|received|take|answer|flush)"),
    ("loop: outbox, rest", r"Outbox\."),
    ("loop: read (syscall and Netty)", r"recvAddress|AbstractEpollStreamChannel|epollInReady|Socket\.read"),
    ("loop: epoll_wait", r"epollWait|epoll_wait"),
    ("loop: rest of Netty and Vert.x", r"EpollEventLoop|vert\.x-eventloop|io/netty|io/vertx"),
]
COMPILED = [(stage, re.compile(pattern)) for stage, pattern in RULES]
OTHER = "other threads"


def stage_of(stack):
    return next((stage for stage, pattern in COMPILED if pattern.search(stack)), OTHER)


def parse(text):
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        yield stack, int(count)


def table(text, cpu_us):
    """The stages' shares, and microseconds per request where the whole is known."""
    counts = Counter()
    kernel = Counter()
    for stack, count in parse(text):
        stage = stage_of(stack)
        counts[stage] += count
        if "_[k]" in stack or "entry_SYSCALL" in stack:
            kernel[stage] += count
    total = sum(counts.values()) or 1
    order = [stage for stage, _ in RULES] + [OTHER]
    lines = ["| stage | share | µs per request | of it in the kernel |", "| --- | --- | --- | --- |"]
    for stage in order:
        if counts[stage]:
            share = counts[stage] / total
            spent = f"{share * cpu_us:.2f}" if cpu_us else ""
            in_kernel = f"{kernel[stage] / counts[stage]:.0%}" if kernel[stage] else ""
            lines.append(f"| {stage} | {share:.1%} | {spent} | {in_kernel} |")
    return "\n".join(lines) + "\n"


def top(text, most):
    """The methods that take most themselves, and those under which most is spent."""
    self_time, with_callees = Counter(), Counter()
    total = 0
    for stack, count in parse(text):
        frames = [re.sub(r"_\[[0-9kij]\]$", "", frame) for frame in stack.split(";")]
        total += count
        self_time[frames[-1]] += count
        for frame in set(frames):
            with_callees[frame] += count
    lines = []
    for title, counter in (("self", self_time), ("with callees", with_callees)):
        lines.append(f"{title}:")
        lines += [f"  {count / total:6.1%}  {frame}" for frame, count in counter.most_common(most)]
    return "\n".join(lines)
