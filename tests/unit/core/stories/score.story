# Score, tier and segment: SEMANTICS 7 by hand.

config default
  meters:
    contacts: {event: contact.count, aggregate: latest, value: /n, limit: contacts}
    users:    {event: user.active,   aggregate: unique, value: /user, limit: seats}
  features:
    dashboards: {event: dashboard.opened, trial: premium}
  rules:
    ready: {watch: score, levels: [25, 50, 75, 140], rearm: 10, jump: each}

# All seven rows, one by one, each just not and then just reached: renewal 10, capacity 30, outcomes
# 25, health 15, executive 15, trial 20, usage 25. Then they go as time passes: 60 days become 59 at
# midnight (130 is within the margin of 140), users leave after 24 hours, uses at the end of the
# seventh day, an executive after 30 days. The end of the billing period changes nothing.
story the score of the default table
  2026-11-02T10:00Z acme subscription.created {"limits": {"contacts": 100, "seats": 4}, "renewal_date": "2027-01-01"}
  2026-11-02T10:01Z acme contact.count {"n": 80}
  2026-11-02T10:02Z acme contact.count {"n": 81}
    fired ready/acme/25/2026-11-02#1 usage 40
  2026-11-02T10:03Z acme milestone.achieved {"milestone": "success_metric"}
    fired ready/acme/50/2026-11-02#1 account_change 65
  2026-11-02T10:04Z acme health.updated {"score": 80}
  2026-11-02T10:05Z acme health.updated {"score": 81}
    fired ready/acme/75/2026-11-02#1 account_change 80
  2026-11-02T10:06Z acme engagement.executive {"person": "cfo"}
  2026-11-02T10:07Z acme dashboard.opened {}
  2026-11-02T10:08Z acme trial.started {"feature": "premium"}
  2026-11-02T10:09Z acme user.active {"user": "ann"}
  2026-11-02T10:10Z acme user.active {"user": "bob"}
  2026-11-02T10:11Z acme user.active {"user": "cid"}
  2026-11-02T10:12Z acme user.active {"user": "dan"}
    fired ready/acme/140/2026-11-02#1 usage 140
  2026-11-03T00:00Z tick
  2026-11-03T09:59Z tick
  2026-11-03T10:00Z tick
    resolved ready/acme/140/2026-11-02#1/resolved signal_returned 105
  2026-12-02T00:00Z tick
  2026-12-03T00:00Z tick
  2026-12-03T10:00Z acme health.updated {"score": 10}
    resolved ready/acme/75/2026-11-02#1/resolved signal_returned 55
  2026-12-03T10:01Z acme contact.count {"n": 80}
    resolved ready/acme/50/2026-11-02#1/resolved signal_returned 25

# 30 + 20 − 40: a row may take points away. `*` gives its 30 once, however many meters hold.
config own
  meters:
    calls: {event: call, aggregate: count, limit: calls}
    mails: {event: mail, aggregate: count, limit: mails}
  score:
    - {name: capacity, points: 30, when: ["meter.*.used > 80%"]}
    - {points: 20, when: [{any: ["account.nps >= 9", "account.csat = 5"]}]}
    - {points: -40, when: ["invoice.unpaid >= 1"]}
  tiers: {hot: 50, warm: 10}
  rules:
    total: {watch: score, levels: [30, 50]}
    hot:   {watch: meter.calls.period, levels: [4], when: ["tier = hot"]}
    cold:  {watch: meter.calls.period, levels: [1], when: ["tier = not_ready", "account.csat >= 4"]}

story points add up, and a tier is a name for the total
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 5, "mails": 5}}
  2026-11-02T10:01Z acme call {}
  2026-11-02T10:02Z acme feedback.csat {"score": 5}
  2026-11-02T10:03Z acme feedback.nps {"score": 9}
  2026-11-02T10:04Z acme call {}
  2026-11-02T10:05Z acme call {}
  2026-11-02T10:06Z acme call {}
  2026-11-02T10:07Z acme mail {}
  2026-11-02T10:08Z acme mail {}
  2026-11-02T10:09Z acme mail {}
  2026-11-02T10:10Z acme mail {}
  2026-11-02T10:11Z acme mail {}
    fired total/acme/50/2026-11-02#1 usage 50
    fired hot/acme/4/2026-11-02#1 usage 4
  2026-11-02T10:12Z acme call {}
  2026-11-02T10:13Z acme invoice.payment_failed {"invoice": "a"}
    resolved total/acme/50/2026-11-02#1/resolved signal_returned 10
  2026-11-02T10:14Z acme feedback.csat {"score": 4}
  2026-11-02T10:15Z acme feedback.nps {"score": 8}
    fired cold/acme/1/2026-11-02#1 usage 5

# Points that come or go with the share of the period elapsed act at that very microsecond: half of
# November is over as the 16th begins. 60 at 30% elapsed is projected to 200%. A limit that is raised
# ends what the score had open as any other fall does, and a new period, whose share begins anew, too.
config clock
  meters:
    calls: {event: call, aggregate: sum, value: /n, limit: calls}
  score:
    - {points: 10, when: ["period.elapsed >= 50%"]}
    - {points: 5, when: ["period.elapsed > 50%"]}
    - {points: 20, when: ["meter.calls.projected >= 100%", "meter.calls.used >= 40%"]}
  rules:
    total: {watch: score, levels: [10, 15, 35], jump: each}
    calm:  {watch: score, below: [15], category: risk}

story a score moves by time alone
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}, "started_at": "2026-11-01"}
    fired calm/acme/15/2026-11-01#1 account_change 0
  2026-11-10T00:00Z acme call {"n": 60}
    resolved calm/acme/15/2026-11-01#1/resolved signal_returned 20
    fired total/acme/10/2026-11-01#1 usage 20
    fired total/acme/15/2026-11-01#1 usage 20
  2026-11-16T00:00Z tick
  2026-11-16T00:01Z tick
    fired total/acme/35/2026-11-01#1 time 35
  2026-11-17T00:00Z acme subscription.updated {"limits": {"calls": 200}}
    resolved total/acme/35/2026-11-01#1/resolved signal_returned 15
    fired calm/acme/15/2026-11-01#2 account_change 15
  2026-12-01T00:00Z tick
    resolved total/acme/15/2026-11-01#1/resolved signal_returned 0
    resolved total/acme/10/2026-11-01#1/resolved signal_returned 0

config segments
  meters:
    calls: {event: call, aggregate: count}
  segments:
    - {name: startup,    when: ["meter.calls.7d >= 3", "account.arr < 25k USD"]}
    - {name: enterprise, when: "account.arr >= 100k USD"}
  rules:
    startup:    {watch: meter.calls.period, levels: [1], when: ["segment = startup"]}
    enterprise: {watch: meter.calls.period, levels: [1], when: ["segment = enterprise"]}
    other:      {watch: meter.calls.period, levels: [1], when: ["segment != startup"]}
    growing:    {watch: meter.calls.period, levels: [1], when: [{any: ["segment = growing", "segment = 'far ahead'"]}]}

# Without a row that holds and without account.segment the segment is unknown, and != does not hold
# either. The first row that holds comes before what CRM says.
story the first segment that holds, else what CRM says
  2026-11-02T10:00Z acme call {}
  2026-11-02T10:01Z acme account.updated {"segment": "growing"}
    fired other/acme/1/2026-11-01#1 usage 1
    fired growing/acme/1/2026-11-01#1 usage 1
  2026-11-02T10:02Z acme call {}
  2026-11-02T10:03Z acme account.updated {"arr": 2499999, "currency": "USD"}
  2026-11-02T10:04Z acme call {}
    fired startup/acme/1/2026-11-01#1 usage 3
  2026-11-02T10:05Z acme account.updated {"arr": 10000000, "currency": "USD"}
    fired enterprise/acme/1/2026-11-01#1 usage 3

# Three calls of the 2nd leave the seven days as the 9th begins.
story a segment changes by time alone
  2026-11-02T10:00Z bolt account.updated {"arr": 100, "currency": "USD"}
  2026-11-02T10:01Z bolt call {}
  2026-11-02T10:02Z bolt call {}
  2026-11-02T10:03Z bolt call {}
    fired startup/bolt/1/2026-11-01#1 usage 3
  2026-11-02T10:04Z bolt account.updated {"segment": "far ahead"}
  2026-11-08T23:59Z tick
  2026-11-09T00:00Z tick
    fired other/bolt/1/2026-11-01#1 usage 3
    fired growing/bolt/1/2026-11-01#1 usage 3
