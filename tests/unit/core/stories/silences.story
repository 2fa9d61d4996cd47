# Silences hold back, for all categories. SEMANTICS 5, Held back, and 6, Silences, by hand.

config sized
  time: {lateness: 2d}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    size:    {watch: meter.seats.used, levels: [50%, 80%, 100%]}
    quota:   {watch: meter.calls.used, levels: [50%, 100%], category: risk}
    renewal: {watch: renewal.days_left, below: [60d, 30d], category: renewal}
    beside:  {watch: meter.seats.used, levels: [60%], mode: shadow}

# 60% and 80% wait; when the silence is over only the furthest fires and claims the nearer.
story what waited fires at the moment at which the silence is over
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100, "seats": 10}}
  2026-11-02T10:00Z acme silence.set {"scope": "account", "by": "dana", "until": "2026-11-05T12:00:00Z"}
  2026-11-02T10:01Z acme seats {"n": 6}
  2026-11-02T10:02Z acme calls {"n": 60}
  2026-11-03T10:00Z acme seats {"n": 8}
  2026-11-05T11:59:59Z tick
  2026-11-05T12:00Z tick
    fired quota/acme/50pct/2026-11-01#1 usage 0.6
    fired size/acme/80pct/2026-11-01#1 usage 0.8
    fired beside/acme/60pct/2026-11-01#1 usage 0.8 shadow

story a signal that went back fires nothing and resolves nothing; what fired before resolves
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100, "seats": 10}}
  2026-11-02T10:00Z acme seats {"n": 5}
    fired size/acme/50pct/2026-11-01#1 usage 0.5
  2026-11-02T10:01Z acme silence.set {"scope": "account", "by": "dana", "as": "acknowledged", "until": "2026-11-05"}
  2026-11-02T10:02Z acme seats {"n": 8}
  2026-11-02T10:03Z acme seats {"n": 1}
    resolved size/acme/50pct/2026-11-01#1/resolved usage_decreased 0.1
  2026-11-06T10:00Z tick

story a rule's silence is about that rule, and clearing it ends it
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100, "seats": 10}}
  2026-11-02T10:00Z acme silence.set {"scope": "rule:size", "by": "dana", "why": "talks", "until": "2026-12-05"}
  2026-11-02T10:01Z acme seats {"n": 10}
    fired beside/acme/60pct/2026-11-01#1 usage 1 shadow
  2026-11-02T10:02Z acme calls {"n": 60}
    fired quota/acme/50pct/2026-11-01#1 usage 0.6
  2026-11-02T10:03Z acme silence.cleared {"scope": "account", "by": "dana"}
  2026-11-02T10:04Z acme silence.cleared {"scope": "rule:size", "by": "dana"}
    fired size/acme/100pct/2026-11-01#1 usage 1

# Whoever spoke last holds; a silence that is over already is none.
story the newest word about a scope holds
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 10}}
  2026-11-02T10:00Z acme silence.cleared {"scope": "account", "by": "dana"}
  2026-11-02T10:01Z acme silence.set {"scope": "account", "by": "dana", "until": "2026-12-05"} at=2026-11-02T09:00Z
  2026-11-02T10:02Z acme seats {"n": 5}
    fired size/acme/50pct/2026-11-01#1 usage 0.5
  2026-11-02T10:03Z acme silence.set {"scope": "account", "by": "dana", "until": "2026-11-02T10:03:00Z"}
  2026-11-02T10:04Z acme seats {"n": 8}
    fired size/acme/80pct/2026-11-01#1 usage 0.8
    fired beside/acme/60pct/2026-11-01#1 usage 0.8 shadow

# In Tokyo 5 November begins at 15:00Z of the 4th.
story a date is its first midnight, also for a window that opened under the silence
  2026-09-10T00:00Z acme subscription.created {"timezone": "Asia/Tokyo", "renewal_date": "2027-01-03"}
  2026-11-02T10:00Z acme silence.set {"scope": "rule:renewal", "by": "dana", "until": "2026-11-05"}
  2026-11-04T14:59:59Z tick
  2026-11-04T15:00Z tick
    fired renewal/acme/60d/2026-10-10#1 time 59

story a late crossing that is held back is dropped
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-30T10:00Z acme calls {"n": 40}
  2026-12-01T09:00Z acme silence.set {"scope": "account", "by": "dana", "until": "2026-12-01T10:00:00Z"}
  2026-12-01T09:30Z acme calls {"n": 10} at=2026-11-30T23:00Z
  2026-12-01T10:30Z acme calls {"n": 1} at=2026-11-30T23:00Z

story it moves with the name under which it was set
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 10}}
  2026-11-02T10:00Z key-1 silence.set {"scope": "rule:size", "by": "dana", "until": "2026-11-03"}
  2026-11-02T10:01Z acme account.updated {"aliases": ["key-1"]}
  2026-11-02T10:02Z acme seats {"n": 5}
  2026-11-03T00:00Z tick
    fired size/acme/50pct/2026-11-01#1 usage 0.5

story an owner is silenced for all, and for no account
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 10}}
  2026-11-01T00:00Z acme account.updated {"csm": "dana"}
  2026-11-02T10:00Z nobody silence.set {"scope": "owner:dana", "by": "lee", "until": "2026-11-03"}
  2026-11-02T10:02Z acme seats {"n": 5}
  2026-11-03T00:00Z tick
    fired size/acme/50pct/2026-11-01#1 usage 0.5
