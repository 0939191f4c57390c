"""Frames of both versions of the protocol, as the proxies write them."""

import json
import socket
import struct

REQUEST_HEADERS, CANCEL, PING, PONG, ANSWER = 0x10, 0x40, 0x41, 0x42, 0x20


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


def read_exactly(connection, count):
    parts = []
    while count:
        part = connection.recv(min(count, 65536))
        if not part:
            raise EOFError("the agent closed the connection")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frame(connection):
    (length,) = struct.unpack(">I", read_exactly(connection, 4))
    return read_exactly(connection, length)


def connect(path):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(20)
    connection.connect(path)
    return connection


def request(event_id, uri, headers):
    """A request-headers event, all fields of the real proxies in it."""
    return {
        "metadata": {
            "correlation_id": event_id, "request_id": "req-" + event_id,
            "client_ip": "192.0.2.7", "client_port": 40412, "server_name": None,
            "protocol": "HTTP/1.1", "tls_version": None, "tls_cipher": None, "route_id": None,
            "upstream_id": None, "timestamp": "2026-11-22T12:00:00Z",
        },
        "method": "GET", "uri": uri,
        "headers": {name: [value] for name, value in headers.items()},
    }


def module_input(event_id, uri, headers):
    """What the module is given for such an event, byte for byte."""
    return compact({"method": "GET", "uri": uri, "client_ip": "192.0.2.7",
                    "correlation_id": event_id, "headers": headers})


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


class Json:
    name = "json"
    dump = staticmethod(compact)
    load = staticmethod(json.loads)


class MessagePack:
    """As much of MessagePack as events and answers need."""

    name = "msgpack"

    @staticmethod
    def dump(value):
        out = bytearray()
        MessagePack._write(value, out)
        return bytes(out)

    @staticmethod
    def _write(value, out):
        if value is None:
            out.append(0xC0)
        elif isinstance(value, int):
            out += struct.pack(">BI", 0xCE, value)
        elif isinstance(value, str):
            data = value.encode()
            out += struct.pack(">BI", 0xDB, len(data)) + data
        elif isinstance(value, list):
            out += struct.pack(">BI", 0xDD, len(value))
            for element in value:
                MessagePack._write(element, out)
        else:
            out += struct.pack(">BI", 0xDF, len(value))
            for key, element in value.items():
                MessagePack._write(key, out)
                MessagePack._write(element, out)

    @staticmethod
    def load(data):
        value, end = MessagePack._read(data, 0)
        if end != len(data):
            raise ValueError("something follows the answer")
        return value

    @staticmethod
    def _read(data, at):
        head = data[at]
        at += 1
        if head < 0x80:
            return head, at
        if head < 0x90:
            return MessagePack._map(data, at, head & 0x0F)
        if head < 0xA0:
            return MessagePack._list(data, at, head & 0x0F)
        if head < 0xC0:
            return MessagePack._text(data, at, head & 0x1F)
        if head in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[head], at
        sizes = {0xCC: "B", 0xCD: "H", 0xCE: "I", 0xCF: "Q", 0xD0: "b", 0xD1: "h", 0xD2: "i",
                 0xD3: "q", 0xCA: "f", 0xCB: "d", 0xD9: "B", 0xDA: "H", 0xDB: "I", 0xDC: "H",
                 0xDD: "I", 0xDE: "H", 0xDF: "I"}
        form = ">" + sizes[head]
        (number,) = struct.unpack_from(form, data, at)
        at += struct.calcsize(form)
        if head in (0xD9, 0xDA, 0xDB):
            return MessagePack._text(data, at, number)
        if head in (0xDC, 0xDD):
            return MessagePack._list(data, at, number)
        if head in (0xDE, 0xDF):
            return MessagePack._map(data, at, number)
        return number, at

    @staticmethod
    def _text(data, at, length):
        return data[at:at + length].decode(), at + length

    @staticmethod
    def _list(data, at, count):
        values = []
        for _ in range(count):
            value, at = MessagePack._read(data, at)
            values.append(value)
        return values, at

    @staticmethod
    def _map(data, at, count):
        values = {}
        for _ in range(count):
            key, at = MessagePack._read(data, at)
            values[key], at = MessagePack._read(data, at)
        return values, at
