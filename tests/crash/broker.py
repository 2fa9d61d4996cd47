# SPDX-License-Identifier: Apache-2.0
"""Three questions to the broker for which its Python client has no call, in the protocol's own bytes:
how a transaction stands, which batch the group's offsets name, and who owns what. Each is one short
exchange over a connection that stays open, since what is asked about is over in milliseconds."""
import socket
import struct

OFFSET_FETCH, DESCRIBE_GROUPS, DESCRIBE_TRANSACTIONS = 9, 15, 65
NOT_FOUND = 105  # TRANSACTIONAL_ID_NOT_FOUND: that process has not begun yet


class Answer:
    """Bytes, taken from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def _take(self, format):
        values = struct.unpack_from(format, self.data, self.at)
        self.at += struct.calcsize(format)
        return values[0]

    def i16(self):
        return self._take(">h")

    def i32(self):
        return self._take(">i")

    def i64(self):
        return self._take(">q")

    def varint(self):
        value = shift = 0
        while True:
            byte = self._take(">B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def bytes(self, length):
        self.at += max(length, 0)
        return self.data[self.at - max(length, 0) : self.at]

    def text(self):
        return self.bytes(self.i16()).decode()

    def compact(self):
        return self.bytes(self.varint() - 1).decode()

    def tags(self):
        for _ in range(self.varint()):
            self.varint()
            self.bytes(self.varint())


def _text(value):
    return struct.pack(">h", len(value)) + value.encode()


class Broker:
    """Raises OSError while the broker is away, or not ready."""

    def __init__(self, brokers, group):
        host, port = brokers.split(":")
        self.address, self.group = (host, int(port)), group
        self.socket = None

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def transaction(self, id):
        """Its state, as the broker names it: "Ongoing", "PrepareCommit", "CompleteCommit", …"""
        name = id.encode()
        assert len(name) < 127
        answer = self._ask(
            DESCRIBE_TRANSACTIONS, 0, b"\0", b"\2" + bytes([len(name) + 1]) + name + b"\0"
        )
        answer.tags()
        answer.i32()
        assert answer.varint() == 2
        error, _, state = answer.i16(), answer.compact(), answer.compact()
        if error == NOT_FOUND:
            return "Empty"
        if error:
            raise OSError(f"the broker answers {error}")
        return state

    def committed(self, topic, partitions):
        """Partition: the sequence that the group's committed offset names; 0: none."""
        body = _text(self.group) + struct.pack(">i", 1) + _text(topic)
        body += struct.pack(f">i{len(partitions)}i", len(partitions), *partitions)
        answer = self._ask(OFFSET_FETCH, 5, b"", body)
        answer.i32()
        found = {}
        for _ in range(answer.i32()):
            answer.text()
            for _ in range(answer.i32()):
                partition, offset, _ = answer.i32(), answer.i64(), answer.i32()
                metadata, error = answer.text(), answer.i16()
                if error:
                    raise OSError(f"the broker answers {error}")
                found[partition] = int(metadata.split(" ")[1]) if offset >= 0 else 0
        if answer.i16():
            raise OSError("the coordinator is not ready")
        return found

    def owned(self, topic):
        """Instance: its partitions of a topic, as the group's coordinator has assigned them."""
        body = struct.pack(">i", 1) + _text(self.group) + b"\0"
        answer = self._ask(DESCRIBE_GROUPS, 4, b"", body)
        answer.i32()
        assert answer.i32() == 1
        if answer.i16():
            raise OSError("the coordinator is not ready")
        for _ in range(4):
            answer.text()  # group, state, protocol's type and name
        found = {}
        for _ in range(answer.i32()):
            answer.text()
            instance = answer.text()
            answer.text(), answer.text()
            answer.bytes(answer.i32())
            found[instance] = _assigned(Answer(answer.bytes(answer.i32())), topic)
        return found

    def _ask(self, *request):
        """Once more if the connection is one to a broker that is no more."""
        try:
            return self._exchange(*request)
        except OSError:
            return self._exchange(*request)

    def _exchange(self, key, version, header_tags, body):
        try:
            if self.socket is None:
                self.socket = socket.create_connection(self.address, timeout=10)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            request = struct.pack(">hhi", key, version, 1) + _text("crash") + header_tags + body
            self.socket.sendall(struct.pack(">i", len(request)) + request)
            answer = Answer(self._receive(struct.unpack(">i", self._receive(4))[0]))
        except OSError:
            self.close()
            raise
        assert answer.i32() == 1
        return answer

    def _receive(self, length):
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise ConnectionError("the broker has closed the connection")
            data += more
        return data


def _assigned(answer, topic):
    if not answer.data:
        return []
    answer.i16()
    found = []
    for _ in range(answer.i32()):
        name = answer.text()
        partitions = [answer.i32() for _ in range(answer.i32())]
        if name == topic:
            found = partitions
    return found
