"""The proxies: connections that ask, check every answer, and come and go."""

import socket
import threading
import time

from soaking import wire
from soaking.events import Asked, Asker

SPAN = (300, 3_000)  # events that a connection lives for
LOST_AFTER = 5.0  # seconds


def end(connection):
    """Wakes a thread that reads, too; only when it has ended may the descriptor be given back."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the agent was quicker


class Tally:
    """What happened, over all connections."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {}
        self.problems = []
        self.latencies = []

    def add(self, what, number=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + number

    def problem(self, text):
        with self.lock:
            self.counts["wrong"] = self.counts.get("wrong", 0) + 1
            if len(self.problems) < 20:
                self.problems.append(text[:500])

    def took(self, seconds):
        with self.lock:
            self.latencies.append(seconds)

    def take_latencies(self):
        with self.lock:
            taken, self.latencies = self.latencies, []
        return sorted(taken)


class Peer(threading.Thread):
    """One connection after the other; asks at an even rate, and pauses when told to."""

    def __init__(self, path, name, seed, rate, hostile_share, tally, gate, codec):
        super().__init__(name=name, daemon=True)
        self.path, self.rate, self.tally, self.gate, self.codec = path, rate, tally, gate, codec
        self.asker = Asker(name, seed, hostile_share)
        self.random = self.asker.random
        self.stopping = False
        self.idle = threading.Event()

    def run(self):
        while not self.stopping:
            try:
                self.converse()
            except (EOFError, OSError) as failure:
                # Version 1 closes for an answer that could only be late.
                self.tally.add("closed by the agent")
                self.failed(failure)

    def failed(self, failure):
        if isinstance(failure, (ConnectionRefusedError, FileNotFoundError)):
            self.tally.problem(f"the agent is gone: {failure}")
            time.sleep(1)

    def pace(self, due):
        """Waits for the moment of the next event; returns the one after it."""
        if not self.gate.is_set():
            self.settle()
            self.idle.set()
            self.gate.wait()
            self.idle.clear()
            due = time.monotonic()
        now = time.monotonic()
        if due > now:
            time.sleep(due - now)
        return max(due, now - 1) + 1 / self.rate

    def settle(self):
        """Waits until nothing is under way."""

    def part(self, connection):
        """How a connection ends, just before it does: properly, in the middle of a frame, or with nonsense."""
        way = self.random.choice(["close", "abrupt", "half", "nonsense"])
        self.tally.add("reconnects: " + way)
        if way == "half":
            connection.sendall(self.encode(self.asker.next())[:-7])
        elif way == "nonsense":
            connection.sendall(b"\xff\xff\xff\xff nonsense")
        elif way == "abrupt":
            connection.sendall(self.encode(Asked("gone", "/echo", {})))

    def check(self, asked, reply):
        self.tally.add("answers")
        if asked.starved(reply):
            self.tally.add("good events that waited too long")
            return
        problem = asked.problem(reply)
        if problem:
            self.tally.problem(problem)
        elif asked.reasons:
            self.tally.add("hostile: " + reply["audit"]["reason_codes"][0])
        else:
            self.tally.took(time.monotonic() - asked.sent)


class Peer1(Peer):
    """Version 1: one event, one answer."""

    def encode(self, asked):
        return wire.frame(wire.compact(
            {"version": 1, "event_type": "request_headers", "payload": asked.event()}))

    def converse(self):
        with wire.connect(self.path) as connection:
            self.speak(connection)

    def speak(self, connection):
        due = time.monotonic()
        for _ in range(self.random.randrange(*SPAN)):
            due = self.pace(due)
            if self.stopping:
                return
            asked = self.asker.next()
            asked.sent = time.monotonic()
            connection.sendall(self.encode(asked))
            self.check(asked, wire.Json.load(wire.read_frame(connection)))
        self.part(connection)


class Peer2(Peer):
    """Version 2: many events under way, cancels and pings among them."""

    def encode(self, asked):
        return wire.frame(bytes([wire.REQUEST_HEADERS]) + self.codec.dump(asked.event()))

    def converse(self):
        with wire.connect(self.path) as connection:
            self.greet(connection)
            self.under_way, self.pings, self.lock = {}, 0, threading.Lock()
            reader = threading.Thread(target=self.read, args=(connection,), daemon=True)
            reader.start()
            try:
                self.speak(connection, reader)
            finally:
                end(connection)
                reader.join()

    def greet(self, connection):
        connection.sendall(wire.frame(b"\x01" + wire.compact(
            {"supported_versions": [2], "proxy_id": "soak", "proxy_version": "0", "config": None,
             "supported_encodings": [self.codec.name]})))
        greeting = wire.Json.load(wire.read_frame(connection)[1:])
        if not greeting["success"] or greeting["encoding"] != self.codec.name:
            self.tally.problem(f"the handshake: {greeting}")

    def speak(self, connection, reader):
        due = time.monotonic()
        for number in range(self.random.randrange(*SPAN)):
            due = self.pace(due)
            if self.stopping:
                return
            asked = self.asker.next()
            if asked.uri == "/loop" and self.random.random() < 0.5:
                asked.silent = True
            self.ask(connection, asked)
            if number % 100 == 50:
                with self.lock:
                    self.pings += 1
                connection.sendall(wire.frame(bytes([wire.PING]) + b'{"sequence": 7}'))
            if not reader.is_alive():
                raise EOFError("the reader ended")
        self.settle()
        self.part(connection)

    def ask(self, connection, asked):
        asked.sent = time.monotonic()
        with self.lock:
            self.under_way[asked.id] = asked
        connection.sendall(self.encode(asked))
        if asked.silent:
            self.tally.add("cancelled")
            connection.sendall(wire.frame(bytes([wire.CANCEL]) + wire.compact(
                {"correlation_id": asked.id, "reason": 1, "timestamp_ms": 1})))

    def settle(self):
        end = time.monotonic() + LOST_AFTER
        while time.monotonic() < end:
            with self.lock:
                if self.pings == 0 and all(a.silent for a in self.under_way.values()):
                    return
            time.sleep(0.01)
        with self.lock:
            for asked in self.under_way.values():
                if not asked.silent:
                    self.tally.problem(f"no answer: {asked.id} {asked.uri}")
            if self.pings:
                self.tally.problem(f"{self.pings} pings without a pong")

    def read(self, connection):
        try:
            while True:
                message = wire.read_frame(connection)
                if message[0] == wire.ANSWER:
                    self.answered(self.codec.load(message[1:]))
                elif message[0] == wire.PONG:
                    with self.lock:
                        self.pings -= 1
                    if message[1:] != b'{"sequence": 7}':
                        self.tally.problem(f"a pong of {message[1:50]}")
        except TimeoutError:
            self.tally.problem("nothing came for 20 s")
        except (EOFError, OSError):
            return  # the connection is over

    def answered(self, reply):
        event_id = reply["audit"]["custom"]["correlation_id"]
        with self.lock:
            asked = self.under_way.pop(event_id, None)
        if asked is None:
            if event_id != "gone":
                self.tally.problem(f"an answer to nothing: {event_id}")
        else:
            self.check(asked, reply)
