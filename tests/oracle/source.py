# SPDX-License-Identifier: Apache-2.0
"""A source that falls silent as a whole: what is then held back, and for how long."""


class Source:
    """Where all records come from. `since`: from when on nothing came; `past`: silences that are over."""

    def __init__(self, config):
        self.after = config.silent_after
        self.heard, self.brought, self.past = None, set(), []

    @property
    def silent_since(self):
        return self.heard + self.after if self.after and self.heard is not None else float("inf")

    def hear(self, time):
        """Something came. Whether it was silent."""
        was_silent = time >= self.silent_since
        if was_silent:
            self.past = self.past + [(self.silent_since, time)]
        self.heard = time
        return was_silent

    def state(self):
        return self.heard, self.brought, self.past

    def restore(self, state):
        self.heard, self.brought, self.past = state

    def brings(self, kind):
        if kind not in self.brought:
            self.brought = self.brought | {kind}

    def concerns(self, rule):
        """Rules on what it has brought."""
        signal = rule.signal
        meters = [signal.meter] if signal.meter else signal.features
        return any(m.event in self.brought for m in meters)

    def is_silent(self, rule, time):
        """Whether that holds it back: down-rules."""
        if not self.after or rule.up or not self.concerns(rule):
            return False
        return time > self.silent_since or any(a < time < b for a, b in self.past[-64:])

    def patience(self, rule, since, time):
        """When its `for` is over, if nothing more is heard: never while it is silent."""
        if rule.wait and self.after and self.concerns(rule) and time > self.silent_since:
            return float("inf")
        return since + rule.wait + self.silent_for(rule, since, time)

    def silent_for(self, rule, since, time):
        """For how long of that time."""
        if not self.after or not self.concerns(rule):
            return 0
        silences = self.past + [(self.silent_since, float("inf"))]
        return sum(max(0, min(b, time) - max(a, since)) for a, b in silences if a < time)
