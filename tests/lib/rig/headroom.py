# SPDX-License-Identifier: Apache-2.0
"""headroom as a child process: one command that ends, or `run`, or another, beside a test."""
import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import rig
from rig import metrics

PROGRAM = Path(os.environ.get("HEADROOM_BIN", "build/release/src/headroom")).resolve()


def write_config(path, tree):
    """A configuration from a tree; JSON is YAML."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(tree, indent=2))
    return path


def command(*arguments, status=0, input=None, seconds=60, environment=None):
    """Runs a command to its end; (standard output, standard error) as bytes."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        input=input or b"",
        capture_output=True,
        timeout=seconds,
        env={**os.environ, **(environment or {})},
    )
    if status is not None and done.returncode != status:
        raise AssertionError(
            f"headroom {' '.join(map(str, arguments))}: status {done.returncode}, not {status}: "
            + done.stderr.decode(errors="replace")
        )
    return done.stdout, done.stderr


class Run:
    """`with Run(config, log="a.log", http="127.0.0.1:9464") as run:`; ends it if the test did not."""

    def __init__(self, config, log, http=None, environment=None, words=("run",)):
        self.log = Path(log)
        self.http = http
        self.child = subprocess.Popen(
            [PROGRAM, *words, "--config", config],
            stdin=subprocess.DEVNULL,
            stdout=self.log.open("ab"),
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.child.poll() is None:
            if exception and exception[0] is None:
                self.check_sums()
            self.child.send_signal(signal.SIGCONT)
            self.child.kill()
            self.child.wait()

    def said(self, pattern):
        return re.search(pattern, self.log.read_text(errors="replace"), re.M)

    def wait_said(self, pattern, seconds=30):
        return self._until(lambda: self.said(pattern), f"the log to say {pattern}", seconds)

    def get(self, path):
        """(HTTP status, body)."""
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait_status(self, path, status, seconds=30):
        return self._until(
            lambda: self.get(path)[0] == status, f"{path} to answer {status}", seconds
        )

    def metrics(self):
        status, text = self.get("/metrics")
        assert status == 200, f"/metrics answers {status}: {text}"
        return metrics.parse(text)

    def check_sums(self):
        """For each partition of each source: read = what became of the records. (A batch may be
        counted in while we look.) Nothing is asked of a process whose port is not known."""
        if self.http and self.get("/metrics")[0]:
            rig.until(lambda: metrics.sums_agree(self.metrics()), f"the sums of {self.log}", 5)

    def signal(self, number):
        self.child.send_signal(number)

    def kill(self):
        self.child.kill()
        self.child.wait()

    def stop(self, status=0, seconds=30):
        """SIGTERM: finishes the batch and leaves."""
        if self.child.poll() is None:
            self.check_sums()
        self.child.terminate()
        return self.wait_end(status, seconds)

    def wait_end(self, status=0, seconds=30):
        ended = self.child.wait(seconds)
        assert ended == status, f"ended with {ended}, not {status}: {self._tail()}"

    def _until(self, condition, what, seconds):
        """As rig.until, but a child that has ended will not do it any more."""

        def done():
            value = condition()
            if not value and self.child.poll() is not None:
                raise AssertionError(
                    f"ended with {self.child.returncode} before {what}: {self._tail()}"
                )
            return value

        return rig.until(done, what, seconds)

    def _tail(self):
        return " | ".join(self.log.read_text(errors="replace").splitlines()[-5:])
