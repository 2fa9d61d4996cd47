# Days to the limit: SEMANTICS 3 by hand.

config contacts
  meters:
    contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}
  rules:
    soon: {watch: meter.contacts.days_to_limit, below: [60d, 30d]}

# Ten more a day: the close of the 1st is 100, of the 8th 170, and at the midnight after it the meter
# has seven whole days. 560 of 730 remain, 56 days. At noon it is 550 and 55. The limit of 810 leaves
# 630, 63 days; that of 470 leaves 290, 29 days. Unlimited is never reached.
story a gauge that grows by ten a day
  2026-11-01T00:00Z acme subscription.created {"limits": {"contacts": 730}}
  2026-11-01T12:00Z acme contacts {"n": 100}
  2026-11-02T12:00Z acme contacts {"n": 110}
  2026-11-03T12:00Z acme contacts {"n": 120}
  2026-11-04T12:00Z acme contacts {"n": 130}
  2026-11-05T12:00Z acme contacts {"n": 140}
  2026-11-06T12:00Z acme contacts {"n": 150}
  2026-11-07T12:00Z acme contacts {"n": 160}
  2026-11-08T12:00Z acme contacts {"n": 170}
  2026-11-08T23:59:59.999999Z tick
  2026-11-09T00:00Z tick
    fired soon/acme/60d/2026-11-01#1 time 56
  2026-11-09T12:00Z acme contacts {"n": 180}
  2026-11-09T13:00Z acme subscription.updated {"limits": {"contacts": 810}}
    resolved soon/acme/60d/2026-11-01#1/resolved limit_increased 63
  2026-11-09T14:00Z acme subscription.updated {"limits": {"contacts": 470}}
    fired soon/acme/30d/2026-11-01#1 limit_change 29
  2026-11-09T15:00Z acme subscription.updated {"limits": {"contacts": null}}
    resolved soon/acme/30d/2026-11-01#1/resolved limit_increased -
  2026-11-09T16:00Z acme subscription.updated {"limits": {"contacts": 180}}
    fired soon/acme/30d/2026-11-01#2 limit_change 0

config calls
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    soon: {watch: meter.calls.days_to_limit, below: [12d]}

# Thirty a day. On the 9th 240 are used. Of 530 290 remain, 9.67 days. Of 901 661 remain, more than
# the 22 days until the 1st of December; of 900 it is just 22, and the days end with the period.
# By noon 30 more have come, so 200 remain of 470, 6 days. Of 270 nothing remains, and that stays so
# until the period ends; nothing came for two weeks then.
story what resets has no date past the end of its period
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 1000}}
  2026-11-01T12:00Z acme calls {"n": 30}
  2026-11-02T12:00Z acme calls {"n": 30}
  2026-11-03T12:00Z acme calls {"n": 30}
  2026-11-04T12:00Z acme calls {"n": 30}
  2026-11-05T12:00Z acme calls {"n": 30}
  2026-11-06T12:00Z acme calls {"n": 30}
  2026-11-07T12:00Z acme calls {"n": 30}
  2026-11-08T12:00Z acme calls {"n": 30}
  2026-11-09T00:00Z tick
  2026-11-09T06:00Z acme subscription.updated {"limits": {"calls": 530}}
    fired soon/acme/12d/2026-11-01#1 limit_change 9
  2026-11-09T06:10Z acme subscription.updated {"limits": {"calls": 901}}
    resolved soon/acme/12d/2026-11-01#1/resolved limit_increased -
  2026-11-09T06:20Z acme subscription.updated {"limits": {"calls": 530}}
    fired soon/acme/12d/2026-11-01#2 limit_change 9
  2026-11-09T06:30Z acme subscription.updated {"limits": {"calls": 900}}
    resolved soon/acme/12d/2026-11-01#2/resolved limit_increased 22
  2026-11-09T12:00Z acme calls {"n": 30}
  2026-11-09T13:00Z acme subscription.updated {"limits": {"calls": 470}}
    fired soon/acme/12d/2026-11-01#3 limit_change 6
  2026-11-09T14:00Z acme subscription.updated {"limits": {"calls": 270}}
  2026-12-01T00:00Z tick
    resolved soon/acme/12d/2026-11-01#3/resolved period_reset -
