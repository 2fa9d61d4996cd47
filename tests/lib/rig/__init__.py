# SPDX-License-Identifier: Apache-2.0
"""What the scenarios stand on: services, clients, headroom as a child, and waiting for conditions.

Nothing here sleeps for a fixed time and hopes: `until` waits for what is meant, and says what it
waited for when it does not come.
"""
import secrets
import time


def unique(name):
    """A name of this test's own, as scenarios share their services."""
    return f"{name}-{secrets.token_hex(4)}"


def until(condition, what, seconds=30.0):
    """The first true value of condition(); fails with `what` when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s for {what}")
        time.sleep(0.02)
