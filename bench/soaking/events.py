"""What is asked, and what must be answered."""

import random

from soaking import wire


class Asked:
    """One event: its id, what the module is told, and which answers are right."""

    def __init__(self, event_id, uri, headers, reasons=(), silent=False):
        self.id = event_id
        self.uri = uri
        self.headers = headers
        self.reasons = reasons  # of the failure policy; empty for an echo
        self.silent = silent  # cancelled: no answer is right, too
        self.sent = 0.0

    def event(self):
        return wire.request(self.id, self.uri, self.headers)

    def problem(self, reply):
        """Why the answer is wrong, or None."""
        audit = reply["audit"]
        if self.reasons:
            right = (audit["reason_codes"] and audit["reason_codes"][0] in self.reasons
                     and audit["tags"] == ["wasm-error"]
                     and reply["decision"]["block"]["status"] == 500)
        else:
            operations = {op["set"]["name"]: op["set"]["value"]
                          for op in reply["request_headers"] if "set" in op}
            expected = wire.fnv1a(wire.module_input(self.id, self.uri, self.headers))
            right = (reply["decision"] == "allow" and audit["tags"] == ["echo:" + self.id]
                     and operations.get("x-correlation-id") == self.id
                     and operations.get("x-input-hash") == expected)
        return None if right else f"{self.uri}: {reply}"

    def starved(self, reply):
        """A good event that the machine, and not the agent, may have kept waiting too long."""
        return not self.reasons and reply["audit"]["reason_codes"] in (["timeout"], ["overloaded"])


# Each ends in the failure policy, and with an instance thrown away.
HOSTILE = [
    ("/trap", {}, ("trap",)),
    ("/loop", {}, ("timeout",)),
    ("/recurse", {}, ("trap", "timeout")),
    ("/leak/40000000", {}, ("trap", "timeout")),
    ("/dealloc-trap", {}, ("trap",)),
    ("/dealloc-loop", {}, ("timeout",)),
    ("/raw/4294967295/4294967295", {}, ("bad-result",)),
    ("/raw/16/2147483647", {}, ("bad-result",)),
    ("/result", {"x-result": "{\"decision\":\"allow\",\"decision\":\"block\"}"}, ("bad-result",)),
    ("/result", {"x-result": "[" * 100_000}, ("bad-result",)),
    ("/result-hex", {"x-result": "7b22ff"}, ("bad-result",)),
    ("/secret/of-another-request", {}, ("trap",)),
]


class Asker:
    """Makes events, a share of them hostile, the same ones for the same seed."""

    def __init__(self, name, seed, hostile_share):
        self.name = name
        self.random = random.Random(seed)
        self.hostile_share = hostile_share
        self.count = 0

    def next(self):
        self.count += 1
        event_id = f"{self.name}-{self.count}"
        if self.random.random() < self.hostile_share:
            uri, headers, reasons = self.random.choice(HOSTILE)
            # Under load a hostile event may wait too long as well as any other.
            return Asked(event_id, uri, headers, reasons + ("timeout", "overloaded"))
        headers = {"host": "shop.example.com", "accept": "text/html, */*",
                   "x-number": str(self.random.randrange(10 ** 9)), "x-text": "żółw \"🐢\" \\ 7"}
        return Asked(event_id, f"/echo?n={self.count}", headers)
