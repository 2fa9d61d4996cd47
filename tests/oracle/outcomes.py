# SPDX-License-Identifier: Apache-2.0
"""What a configuration asks of outcomes, and who is held out of a rule."""

import ctypes
from fractions import Fraction

from quantity import duration

WHOLE = 1_000_000
USUAL_BANDS = {"account.nps": ["7", "9"], "account.health": ["50", "80"]}
NEVER_HELD_OUT = ("risk", "renewal")
HASH = ctypes.CDLL("libxxhash.so.0").XXH3_64bits_withSeed
HASH.argtypes = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64
HASH.restype = ctypes.c_uint64


class Outcomes:
    """The configuration's part."""

    def __init__(self, tree):
        self.window = duration(tree.get("attribution", "30d"))
        share = tree.get("hold_out", "0%")
        self.bands = tree.get("bands", USUAL_BANDS)
        self.hold_out = int(Fraction(share.rstrip("%")) / 100 * WHOLE)

    def holds_out(self, rule, account, timed):
        """By their names alone: the account's hash, seeded by the rule's, falls into the share."""
        if rule.category in NEVER_HELD_OUT or rule.category not in timed or rule.shadow:
            return False
        name, account = rule.name.encode(), account.encode()
        return HASH(account, len(account), HASH(name, len(name), 0)) % WHOLE < self.hold_out
