# SPDX-License-Identifier: Apache-2.0
"""When an account is left in peace: tenure, milestones, quiet periods and the budget."""

from quantity import duration


class Timing:
    """What a configuration asks; 0 and none ask nothing."""

    def __init__(self, tree):
        self.categories = tree.get("categories", ["upsell", "cross-sell"])
        self.tenure = duration(tree.get("min_tenure", "0s"))
        self.milestones = tree.get("milestones", [])
        self.dismissal = duration(tree.get("quiet_after_dismissal", "0s"))
        self.decline = duration(tree.get("quiet_after_decline", "0s"))
        count, within = tree.get("budget", {}).get("account", "0 per 1d").split(" per ")
        self.count, self.within = int(count), duration(within)


def ends(account):
    """(reason, moment at which it is over) of what a moment ends."""
    timing = account.config.timing
    if timing.tenure:
        begun = account.tenure_start(account.now)
        if begun is not None:
            yield "min_tenure", begun + timing.tenure
    if timing.dismissal and account.dismissed is not None:
        yield "quiet", account.dismissed + timing.dismissal
    if timing.decline:
        for deal in account.deals.values():
            time, stage = deal.fields["stage"]
            if stage == "closed_lost":
                yield "quiet", time + timing.decline
    if timing.count and len(account.told) >= timing.count:
        yield "budget", sorted(account.told)[-timing.count] + timing.within


def required(rule, timing):
    """Its own milestones, else those that are asked of all that is timed."""
    if rule.milestones is not None:
        return rule.milestones
    return timing.milestones if rule.category in timing.categories else []


def reasons(account, rule, time):
    """Why a rule is held back from an account."""
    timing = account.config.timing
    timed = rule.category in timing.categories
    achieved = account.milestones.issuperset(required(rule, timing))
    found = {reason for reason, until in ends(account) if time < until} if timed else set()
    return found | (set() if achieved else {"milestone"})
