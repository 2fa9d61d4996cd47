# SPDX-License-Identifier: Apache-2.0
"""A port of headroom's (the store or the broker) as a process that is told what to do, line by
line. See tests/integration/ports/."""
import os
import subprocess
import tempfile
import time

PLAIN = set(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:._/")


def encode(word):
    if word is None:
        return "-"
    data = word if isinstance(word, bytes) else str(word).encode()
    if isinstance(word, int):
        return str(word)
    return "".join(chr(c) if c in PLAIN else f"%{c:02X}" for c in data) or "%"


def decode(word):
    if word == "-":
        return None
    if word == "%":
        return b""
    data, at = bytearray(), 0
    while at < len(word):
        if word[at] == "%":
            data.append(int(word[at + 1 : at + 3], 16))
            at += 3
        else:
            data.append(ord(word[at]))
            at += 1
    return bytes(data)


class Shell:
    """`with Shell("store") as store: store.ask("load", 7, "a:acme")` gives the answer's words."""

    def __init__(self, name):
        path = os.path.join(
            os.environ["HEADROOM_BUILD"], "tests", "integration", "ports", f"{name}_shell"
        )
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors
        )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.end()

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(60)
        assert self.process.returncode in (0, -9), f"ended with {self.process.returncode}"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def tell(self, command, *words):
        line = " ".join([command, *map(encode, words)]) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline().decode()
        if not line:
            raise AssertionError(f"the shell died: {self.log()[-2000:]}")
        return [decode(word) for word in line.split()]

    def ask(self, command, *words):
        self.tell(command, *words)
        return self.answer()

    def ok(self, command, *words):
        """As ask, but it must go well; what follows "ok"."""
        answer = self.ask(command, *words)
        assert answer[0] == b"ok", f"{command}: {answer}"
        return answer[1:]

    def log(self):
        """What it has written to standard error up to now."""
        size = os.fstat(self.errors.fileno()).st_size
        return os.pread(self.errors.fileno(), size, 0).decode()


def until(shell, command, wanted, seconds=30, words=()):
    """Asks again and again until the answer begins with `wanted`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = shell.ask(command, *words)
        if answer[0] == wanted:
            return answer
    raise AssertionError(f"{command} never said {wanted}; at last {answer}")
