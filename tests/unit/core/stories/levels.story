# Levels, jumps, episodes, re-arm, limits and periods: SEMANTICS 5 by hand.

config plain
  meters:
    calls:    {event: calls,    aggregate: sum,    value: /n,     limit: calls}
    contacts: {event: contacts, aggregate: latest, value: /value, limit: contacts}
    logins:   {event: logins,   aggregate: count}
  rules:
    capacity: {watch: meter.contacts.used, levels: [80%, 90%, 100%], rearm: 5%}
    quota:    {watch: meter.calls.used, levels: [80%, 100%]}
    busy:     {watch: meter.logins.period, levels: [2, 3], jump: each}

story exactly 80% fires at 80%, one less does not
  2026-11-02T10:00Z acme subscription.created {"limits": {"contacts": 1000}}
  2026-11-02T10:01Z acme contacts {"value": 799}
  2026-11-02T10:02Z acme contacts {"value": 800}
    fired capacity/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-02T10:03Z acme contacts {"value": 850}

story a jump fires the furthest level and claims the nearer
  2026-11-02T10:00Z acme subscription.created {"limits": {"contacts": 1000}}
  2026-11-02T10:01Z acme contacts {"value": 700}
  2026-11-02T10:02Z acme contacts {"value": 1050}
    fired capacity/acme/100pct/2026-11-02#1 usage 1.05
  2026-11-02T10:03Z acme contacts {"value": 820}
    resolved capacity/acme/100pct/2026-11-02#1/resolved usage_decreased 0.82
  2026-11-02T10:04Z acme contacts {"value": 700}
  2026-11-02T10:05Z acme contacts {"value": 900}
    fired capacity/acme/90pct/2026-11-02#1 usage 0.9

story jump each fires all, nearest first
  2026-11-02T10:00Z acme logins {}
  2026-11-02T10:01Z acme logins {}
    fired busy/acme/2/2026-11-01#1 usage 2
  2026-11-02T10:02Z acme logins {}
    fired busy/acme/3/2026-11-01#1 usage 3

story exactly the margin does not end an episode, below it does
  2026-11-02T10:00Z acme subscription.created {"limits": {"contacts": 1000}}
  2026-11-02T10:01Z acme contacts {"value": 800}
    fired capacity/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-02T10:02Z acme contacts {"value": 750}
  2026-11-02T10:03Z acme contacts {"value": 800}
  2026-11-02T10:04Z acme contacts {"value": 749}
    resolved capacity/acme/80pct/2026-11-02#1/resolved usage_decreased 0.749
  2026-11-02T10:05Z acme contacts {"value": 800}
    fired capacity/acme/80pct/2026-11-02#2 usage 0.8

story a fall over several levels resolves each that fired, furthest first
  2026-11-02T10:00Z acme subscription.created {"limits": {"contacts": 1000}}
  2026-11-02T10:01Z acme contacts {"value": 800}
    fired capacity/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-02T10:02Z acme contacts {"value": 1000}
    fired capacity/acme/100pct/2026-11-02#1 usage 1
  2026-11-02T10:03Z acme contacts {"value": 10}
    resolved capacity/acme/100pct/2026-11-02#1/resolved usage_decreased 0.01
    resolved capacity/acme/80pct/2026-11-02#1/resolved usage_decreased 0.01

story a raised limit ends what is no longer beyond, without the margin
  2026-11-02T10:00Z acme subscription.created {"limits": {"contacts": 1000}}
  2026-11-02T10:01Z acme contacts {"value": 1000}
    fired capacity/acme/100pct/2026-11-02#1 usage 1
  2026-11-02T10:02Z acme subscription.updated {"limits": {"contacts": 1050}}
    resolved capacity/acme/100pct/2026-11-02#1/resolved limit_increased 0.9523
  2026-11-02T10:03Z acme subscription.updated {"limits": {"contacts": null}}

story an unlimited limit ends all; a lowered one fires with its own cause
  2026-11-02T10:00Z acme subscription.created {"limits": {"contacts": 1000}}
  2026-11-02T10:01Z acme contacts {"value": 850}
    fired capacity/acme/80pct/2026-11-02#1 usage 0.85
  2026-11-02T10:02Z acme subscription.updated {"limits": {"contacts": null}}
    resolved capacity/acme/80pct/2026-11-02#1/resolved limit_increased -
  2026-11-02T10:03Z acme subscription.updated {"limits": {"contacts": 850}}
    fired capacity/acme/100pct/2026-11-02#1 limit_change 1

story 80%, a top-up, 80% again
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-02T10:01Z acme calls {"n": 80}
    fired quota/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-02T10:02Z acme subscription.updated {"limits": {"calls": 200}}
    resolved quota/acme/80pct/2026-11-02#1/resolved limit_increased 0.4
  2026-11-02T10:03Z acme calls {"n": "80"}
    fired quota/acme/80pct/2026-11-02#2 usage 0.8

story the period's end resets what is counted over it, not a gauge
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100, "contacts": 100}}
  2026-11-02T10:01Z acme calls {"n": 85}
    fired quota/acme/80pct/2026-11-02#1 usage 0.85
  2026-11-02T10:02Z acme contacts {"value": 100}
    fired capacity/acme/100pct/2026-11-02#1 usage 1
  2026-12-02T09:59Z acme calls {"n": 1}
  2026-12-02T10:00Z tick
    resolved quota/acme/80pct/2026-11-02#1/resolved period_reset 0
  2026-12-02T10:01Z acme calls {"n": 100}
    fired quota/acme/100pct/2026-12-02#1 usage 1

story a limit of 0: nothing is 0%, anything is beyond every level
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 0}}
  2026-11-02T10:01Z acme calls {"n": 0}
  2026-11-02T10:02Z acme calls {"n": 0.000000000001}
    fired quota/acme/100pct/2026-11-02#1 usage -

story several subscriptions add up; the plan's limit where the contract has none
  2026-11-02T10:00Z acme subscription.created {"subscription": "a", "limits": {"calls": 50}}
  2026-11-02T10:01Z acme subscription.created {"subscription": "b", "limits": {"calls": 50}}
  2026-11-02T10:02Z acme calls {"n": 79}
  2026-11-02T10:03Z acme subscription.cancelled {"subscription": "b"}
    fired quota/acme/100pct/2026-11-02#1 limit_change 1.58

config order
  meters:
    calls: {event: calls, aggregate: sum, value: /n}
  rules:
    plain_upsell: {watch: meter.calls.period, levels: [10]}
    first_of_all: {watch: meter.calls.period, levels: [10], priority: 5, category: cross-sell}
    a_risk:       {watch: meter.calls.period, levels: [10], category: risk}
    a_renewal:    {watch: meter.calls.period, levels: [10], category: renewal}
    cross:        {watch: meter.calls.period, levels: [10], category: cross-sell}
    last_upsell:  {watch: meter.calls.period, levels: [10], priority: -1, category: risk}

story fires by priority, then category, then as written; resolutions first, as written
  2026-11-02T10:00Z acme calls {"n": 10}
    fired first_of_all/acme/10/2026-11-01#1 usage 10
    fired a_risk/acme/10/2026-11-01#1 usage 10
    fired a_renewal/acme/10/2026-11-01#1 usage 10
    fired plain_upsell/acme/10/2026-11-01#1 usage 10
    fired cross/acme/10/2026-11-01#1 usage 10
    fired last_upsell/acme/10/2026-11-01#1 usage 10
  2026-11-02T10:01Z acme calls {"n": -1}
    resolved plain_upsell/acme/10/2026-11-01#1/resolved usage_decreased 9
    resolved first_of_all/acme/10/2026-11-01#1/resolved usage_decreased 9
    resolved a_risk/acme/10/2026-11-01#1/resolved usage_decreased 9
    resolved a_renewal/acme/10/2026-11-01#1/resolved usage_decreased 9
    resolved cross/acme/10/2026-11-01#1/resolved usage_decreased 9
    resolved last_upsell/acme/10/2026-11-01#1/resolved usage_decreased 9

config extremes
  meters:
    slowest: {event: call, aggregate: max, value: /ms, windows: [1h]}
    mean:    {event: call, aggregate: avg, value: /ms}
    fastest: {event: call, aggregate: min, value: /ms}
  rules:
    slow:  {watch: meter.slowest.1h, levels: [100]}
    heavy: {watch: meter.mean.period, levels: [50]}
    fast:  {watch: meter.fastest.period, below: [5]}

# 1h is 60 buckets of a minute: that of 10:02 leaves at 11:02. (40+60+100+5)/4 = 51.25, with 0: 41.
story min, max and avg, exactly
  2026-11-02T10:00Z acme call {"ms": 40}
  2026-11-02T10:01Z acme call {"ms": 60}
    fired heavy/acme/50/2026-11-01#1 usage 50
  2026-11-02T10:02Z acme call {"ms": 100}
    fired slow/acme/100/2026-11-01#1 usage 100
  2026-11-02T10:03Z acme call {"ms": 5}
    fired fast/acme/5/2026-11-01#1 usage 5
  2026-11-02T10:04Z acme call {"ms": 0}
    resolved heavy/acme/50/2026-11-01#1/resolved usage_decreased 41
  2026-11-02T11:01:59Z tick
  2026-11-02T11:02Z tick
    resolved slow/acme/100/2026-11-01#1/resolved usage_decreased 5
  2026-12-01T00:00Z tick
    resolved fast/acme/5/2026-11-01#1/resolved period_reset -
