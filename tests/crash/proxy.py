# SPDX-License-Identifier: Apache-2.0
"""The network between the processes and what they stand on, as far as it can be broken: a lane a
process and a service, on loopback. Answers come a little later than loopback has them, as they do
from another machine; with that a transaction is open for most of a process' time.

    proxy.py LISTEN:TARGET:DELAY_MS…       then lines on standard input:

    cut LANE        its connections are reset, and new ones, too, until `flow LANE`
    stall LANE      nothing moves on it and nobody is told, until `flow LANE`
"""
import asyncio
import subprocess
import sys

CHUNK = 256 * 1024


class Network:
    """The process, as the tests see it. lanes: [(listen port, target port, delay in ms)]."""

    def __init__(self, lanes):
        words = [":".join(map(str, lane)) for lane in lanes]
        self.child = subprocess.Popen(
            [sys.executable, __file__, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.child.stdout.readline() == b"ready\n", "the proxy does not start"

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.child.stdin.close()
        self.child.wait(10)

    def say(self, word, lane):
        """It is so when this returns."""
        self.child.stdin.write(f"{word} {lane}\n".encode())
        self.child.stdin.flush()
        assert self.child.stdout.readline() == b"done\n", "the proxy has ended"


class Lane:
    def __init__(self, listen, target, delay_ms):
        self.listen, self.target, self.delay_s = listen, target, delay_ms / 1000
        self.writers = set()
        self.cut = False
        self.flowing = asyncio.Event()
        self.flowing.set()

    def tell(self, word):
        self.cut = word == "cut"
        if word == "stall":
            self.flowing.clear()
        else:
            self.flowing.set()
        if self.cut:
            for writer in self.writers:
                writer.transport.abort()

    async def serve(self, reader, writer):
        if self.cut:
            writer.transport.abort()
            return
        try:
            there, out = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, out}
        self.writers |= both
        await asyncio.gather(self.carry(reader, out, 0), self.carry(there, writer, self.delay_s))
        self.writers -= both

    async def carry(self, reader, writer, delay_s):
        """Each piece as late as the one before it; when one side has ended so has the other."""
        late = asyncio.Queue(64)
        sender = asyncio.create_task(self.send(late, writer))
        clock = asyncio.get_running_loop().time
        try:
            while data := await reader.read(CHUNK):
                await late.put((clock() + delay_s, data))
        except OSError:
            pass
        await late.put((clock() + delay_s, None))
        await sender

    async def send(self, late, writer):
        clock = asyncio.get_running_loop().time
        while True:
            due, data = await late.get()
            if due > clock():
                await asyncio.sleep(due - clock())
            await self.flowing.wait()
            if data is None:
                break
            writer.write(data)
            try:
                await writer.drain()
            except OSError:
                pass  # its reader says so, too
        writer.close()


async def main(words):
    lanes = [Lane(*map(int, word.split(":"))) for word in words]
    for lane in lanes:
        await asyncio.start_server(lane.serve, "127.0.0.1", lane.listen, limit=CHUNK)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    print("ready", flush=True)
    while line := await commands.readline():
        word, lane = line.decode().split()
        lanes[int(lane)].tell(word)
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
