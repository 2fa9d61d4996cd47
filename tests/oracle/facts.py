# SPDX-License-Identifier: Apache-2.0
"""What is told of something, field by field."""


class Facts:
    """Fields of which each keeps the value with the newest event time, the later arrival on a tie."""

    def __init__(self):
        self.fields = {}

    def put(self, name, time, value):
        """Whether the value was taken."""
        if name in self.fields and time < self.fields[name][0]:
            return False
        self.fields[name] = (time, value)
        return True

    def get(self, name):
        return self.fields.get(name, (None, None))[1]

    def take(self, other):
        for name, (time, value) in other.fields.items():
            self.put(name, time, value)
