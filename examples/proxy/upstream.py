#!/usr/bin/env python3
"""A server to stand behind the proxy: answers every request with what arrived.

The answer is a JSON object with the method, the path and the headers as a list of pairs, so that
it shows what the agent's module has added to and removed from the request. It carries headers for
a module to work on: `Server`, `X-Powered-By` and two `Set-Cookie`.
A path that ends in `/status/404`, `500`, `502` or `503` is answered with that status.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADDRESS = ("127.0.0.1", 18081)


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open

    def answer(self):
        self.skip_body()
        seen = {
            "method": self.command,
            "path": self.path,
            "headers": self.headers.items(),
        }
        body = json.dumps(seen).encode() + b"\n"
        self.send_response(self.status())
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Powered-By", "Python")
        self.send_header("Set-Cookie", "first=1; Path=/")
        self.send_header("Set-Cookie", "second=2; Path=/")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def status(self):
        _, _, code = self.path.partition("/status/")
        return int(code) if code in ("404", "500", "502", "503") else 200

    def skip_body(self):
        """Reads the body away: what is left of it would be taken for the next request."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            return
        remaining = int(length)
        while remaining > 0:
            chunk = self.rfile.read(min(remaining, 65536))
            if not chunk:
                return
            remaining -= len(chunk)

    def log_message(self, format, *args):
        pass  # the answers say it all


if __name__ == "__main__":
    print("listening on http://%s:%d" % ADDRESS, flush=True)
    try:
        ThreadingHTTPServer(ADDRESS, Echo).serve_forever()
    except KeyboardInterrupt:
        pass
