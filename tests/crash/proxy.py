# SPDX-License-Identifier: Apache-2.0
"""The network between the processes and what they stand on, as far as it can be broken: a lane a
process and a service, on loopback. Answers come a little later than loopback has them, as they do
from another machine; with that a transaction is open for most of a process' time.

    proxy.py DELAY_MS…       a lane each; prints its ports. Then lines on standard input:

    to LANE PORT    where it leads
    cut LANE        its connections are reset, and new ones, too, until `flow LANE`
    stall LANE      nothing moves on it and nobody is told, until `flow LANE`
"""
import asyncio
import subprocess
import sys

CHUNK = 256 * 1024


class Network:
    """The process, as the tests see it. ports: of each lane."""

    def __init__(self, delays_ms):
        self.child = subprocess.Popen(
            [sys.executable, __file__, *map(str, delays_ms)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.ports = [int(word) for word in self.child.stdout.readline().split()]
        assert self.ports, "the proxy does not start"

    def end(self):
        self.child.stdin.close()
        self.child.wait(10)

    def say(self, *words):
        """It is so when this returns."""
        self.child.stdin.write(" ".join(map(str, words)).encode() + b"\n")
        self.child.stdin.flush()
        assert self.child.stdout.readline() == b"done\n", "the proxy has ended"


class Lane:
    def __init__(self, delay_ms):
        self.target, self.delay_s = None, delay_ms / 1000
        self.writers = set()
        self.cut = False
        self.flowing = asyncio.Event()
        self.flowing.set()

    def tell(self, word, port=None):
        if word == "to":
            self.target = port
            return
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
    lanes = [Lane(int(word)) for word in words]
    servers = [
        await asyncio.start_server(lane.serve, "127.0.0.1", 0, limit=CHUNK) for lane in lanes
    ]
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    while line := await commands.readline():
        word, lane, *port = line.decode().split()
        lanes[int(lane)].tell(word, *map(int, port))
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
