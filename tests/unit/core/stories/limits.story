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

# A day took one away. 59 in seven days; seven times what each day differs from the mean is 11, and -66
# on that day: g0 is 5,082 / 294 and g1 -968 / 294, so V is 10.7, at least half of g0, and 59 / 7 is
# more than 4 times the root of 10.7 / 7. 240 more are for 28.5 days.
story growth that is surely more than its noise
  2026-11-01T00:00Z acme subscription.created {"limits": {"contacts": 399}}
  2026-11-01T12:00Z acme contacts {"n": 100}
  2026-11-02T12:00Z acme contacts {"n": 110}
  2026-11-03T12:00Z acme contacts {"n": 120}
  2026-11-04T12:00Z acme contacts {"n": 130}
  2026-11-05T12:00Z acme contacts {"n": 129}
  2026-11-06T12:00Z acme contacts {"n": 139}
  2026-11-07T12:00Z acme contacts {"n": 149}
  2026-11-08T12:00Z acme contacts {"n": 159}
  2026-11-09T00:00Z tick
    fired soon/acme/30d/2026-11-01#1 time 28

# A day took 30 away: 40, and -240 on that day. V is 41,600 / 294, and 30 / 7 is less than its root.
story growth that may be noise
  2026-11-01T00:00Z acme subscription.created {"limits": {"contacts": 200}}
  2026-11-01T12:00Z acme contacts {"n": 100}
  2026-11-02T12:00Z acme contacts {"n": 110}
  2026-11-03T12:00Z acme contacts {"n": 120}
  2026-11-04T12:00Z acme contacts {"n": 130}
  2026-11-05T12:00Z acme contacts {"n": 100}
  2026-11-06T12:00Z acme contacts {"n": 110}
  2026-11-07T12:00Z acme contacts {"n": 120}
  2026-11-08T12:00Z acme contacts {"n": 130}
  2026-11-09T00:00Z tick

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

# On the 5th somebody imports. 900 count as 30, the next by size: thirty a day all the same. 1,110 are
# used; 300 of 1,410 are for 10 days.
story what stands out does not go on
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 1410}}
  2026-11-01T12:00Z acme calls {"n": 30}
  2026-11-02T12:00Z acme calls {"n": 30}
  2026-11-03T12:00Z acme calls {"n": 30}
  2026-11-04T12:00Z acme calls {"n": 30}
  2026-11-05T12:00Z acme calls {"n": 900}
  2026-11-06T12:00Z acme calls {"n": 30}
  2026-11-07T12:00Z acme calls {"n": 30}
  2026-11-08T12:00Z acme calls {"n": 30}
  2026-11-09T00:00Z tick
    fired soon/acme/12d/2026-11-01#1 time 10

# Ten a day for a fortnight behind the first day, then twenty. Of the 21 differences between days a week
# apart seven are 10: g0 is 700 / 42, g1 600 / 42, V 45.2. The halves differ by 140, the mean of a day by
# 10, and 100 is more than 4 times 2 × 45.2 / 14. So it is twenty a day: 430 are used, and 200 of 630 are
# for 10 days, which at fifteen a day would be 13. The period is a quarter, so that it does not end before.
story the newer half of the days where it differs
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 5000}, "period": "quarter"}
  2026-11-01T12:00Z acme calls {"n": 10}
  2026-11-02T12:00Z acme calls {"n": 10}
  2026-11-03T12:00Z acme calls {"n": 10}
  2026-11-04T12:00Z acme calls {"n": 10}
  2026-11-05T12:00Z acme calls {"n": 10}
  2026-11-06T12:00Z acme calls {"n": 10}
  2026-11-07T12:00Z acme calls {"n": 10}
  2026-11-08T12:00Z acme calls {"n": 10}
  2026-11-09T12:00Z acme calls {"n": 10}
  2026-11-10T12:00Z acme calls {"n": 10}
  2026-11-11T12:00Z acme calls {"n": 10}
  2026-11-12T12:00Z acme calls {"n": 10}
  2026-11-13T12:00Z acme calls {"n": 10}
  2026-11-14T12:00Z acme calls {"n": 10}
  2026-11-15T12:00Z acme calls {"n": 10}
  2026-11-16T12:00Z acme calls {"n": 20}
  2026-11-17T12:00Z acme calls {"n": 20}
  2026-11-18T12:00Z acme calls {"n": 20}
  2026-11-19T12:00Z acme calls {"n": 20}
  2026-11-20T12:00Z acme calls {"n": 20}
  2026-11-21T12:00Z acme calls {"n": 20}
  2026-11-22T12:00Z acme calls {"n": 20}
  2026-11-23T12:00Z acme calls {"n": 20}
  2026-11-24T12:00Z acme calls {"n": 20}
  2026-11-25T12:00Z acme calls {"n": 20}
  2026-11-26T12:00Z acme calls {"n": 20}
  2026-11-27T12:00Z acme calls {"n": 20}
  2026-11-28T12:00Z acme calls {"n": 20}
  2026-11-29T12:00Z acme calls {"n": 20}
  2026-11-30T00:00Z tick
  2026-11-30T06:00Z acme subscription.updated {"limits": {"calls": 630}}
    fired soon/acme/12d/2026-11-01#1 limit_change 10
