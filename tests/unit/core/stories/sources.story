# A source that falls silent as a whole. SEMANTICS 6, by hand; the table has the rest.

config two
  sources:
    - {topic: web, format: cloudevents, silent_after: 6h}
    - {topic: app, format: cloudevents, silent_after: 8h}
    - {topic: crm, format: cloudevents}
  meters:
    calls: {event: calls, aggregate: count, windows: [24h]}
    taps:  {event: taps, aggregate: count, windows: [24h]}
  rules:
    calls_gone: {watch: meter.calls.24h, below: [0], category: risk}
    taps_gone:  {watch: meter.taps.24h, below: [0], category: risk}

# Operators are told once a source, at the first tick behind it; the crm may be silent for ever.
story operators are told once, and again when it falls silent again
  2026-11-02T10:30Z acme calls {} from=web
  2026-11-02T10:30Z acme account.updated {"stars": 1} from=crm
  2026-11-02T16:29Z tick
  2026-11-02T16:30Z tick
    silent web
  2026-11-02T17:00Z tick
  2026-11-02T18:00Z acme calls {} from=web
  2026-11-03T00:00Z tick
    silent web

# Calls come from both: they are silent when the later one is, from 20:30 on. Taps come from the
# app alone. At 10:00 the next day the windows are empty.
story a meter belongs to all sources that brought its type
  2026-11-02T10:30Z acme calls {} from=web
  2026-11-02T12:30Z acme calls {} from=app
  2026-11-02T10:30Z acme taps {} from=app
  2026-11-02T20:29Z tick
    silent web
  2026-11-02T20:30Z tick
    silent app
  2026-11-03T12:00Z tick
  2026-11-03T13:00Z other calls {} from=web
  2026-11-03T13:00Z tick
    fired calls_gone/acme/0/2026-11-01#1 time 0
  2026-11-03T14:00Z other taps {} from=app
  2026-11-03T14:00Z tick
    fired taps_gone/acme/0/2026-11-01#1 time 0

# The window is empty at 10:30 the next day, and held back: nobody would say if there were calls. At
# 13:00 somebody does.
story who begins to bring it ends the silence of the others
  2026-11-02T10:30Z acme calls {} from=web
  2026-11-02T17:00Z tick
    silent web
  2026-11-03T12:00Z tick
  2026-11-03T13:00Z other calls {} from=app
  2026-11-03T13:00Z tick
    fired calls_gone/acme/0/2026-11-01#1 time 0

story of a type that one watched source and one other brought, the other may be silent
  2026-11-02T10:30Z acme calls {} from=web
  2026-11-02T10:30Z acme calls {} from=crm
  2026-11-02T17:00Z tick
    silent web
  2026-11-03T12:00Z tick
    fired calls_gone/acme/0/2026-11-01#1 time 0

# What is made of features is made of meters: uses in trials and products that are used fall silent
# with what brings them. The use of the 2nd leaves 7 days as the 9th begins, and 30 as November does.
config features
  sources:
    - {topic: web, format: cloudevents, silent_after: 1d}
    - {topic: crm, format: cloudevents}
  features:
    dash: {event: dash, trial: premium}
  products:
    crm: {features: [dash]}
  rules:
    untried: {watch: trial.uses.7d, below: [0], category: risk}
    unused:  {watch: adoption.crm, below: [0%], category: risk}
    gone:    {watch: product.crm.used, below: [0], category: risk}
    none:    {watch: products.used, below: [0], category: risk}

story what is made of features falls silent with them
  2026-10-02T10:00Z acme trial.started {"feature": "premium"} from=crm
    fired untried/acme/0/2026-10-01#1 account_change 0
    fired gone/acme/0/2026-10-01#1 account_change 0
    fired none/acme/0/2026-10-01#1 account_change 0
  2026-10-02T10:30Z acme dash {} from=web
    resolved untried/acme/0/2026-10-01#1/resolved signal_returned 1
    resolved gone/acme/0/2026-10-01#1/resolved signal_returned 1
    resolved none/acme/0/2026-10-01#1/resolved signal_returned 1
  2026-10-03T10:30Z tick
    silent web
  2026-11-02T12:00Z tick
  2026-11-02T12:00Z acme prompt.shown {"rule": "gone"} from=web
    fired untried/acme/0/2026-11-01#1 time 0
    fired unused/acme/0pct/2026-11-01#1 time 0
    fired gone/acme/0/2026-11-01#1 time 0
    fired none/acme/0/2026-11-01#1 time 0

# Dashes come from the web, boards from the app. The web is silent from 10:30 on the 3rd to 20:30 on
# the 4th, the app from 10:30 on the 4th to 10:30 on the 5th: of one of the two nobody knows from
# 10:30 on the 3rd to 10:30 on the 5th. The use of 5 October leaves the thirty days as the 4th begins,
# and that is told when both are heard.
config united
  sources:
    - {topic: web, format: cloudevents, silent_after: 1d}
    - {topic: app, format: cloudevents, silent_after: 1d}
    - {topic: crm, format: cloudevents}
  features:
    dash:  {event: dash}
    board: {event: board}
  products:
    suite: {features: [dash, board]}
  rules:
    unused: {watch: adoption.suite, below: [0%], category: risk}

story of two features that silences follow each other in neither is known
  2026-10-05T09:00Z acme dash {} from=web
  2026-10-07T00:00Z tick
    silent web
  2026-11-02T10:30Z other dash {} from=web
  2026-11-03T10:30Z other board {} from=app
  2026-11-03T10:30Z tick
    silent web
  2026-11-04T12:00Z tick
    silent app
  2026-11-04T20:30Z other dash {} from=web
  2026-11-04T21:00Z tick
  2026-11-04T21:00Z acme prompt.shown {"rule": "unused"} from=crm
  2026-11-05T10:30Z other board {} from=app
  2026-11-05T10:31Z tick
    fired unused/acme/0pct/2026-11-01#1 time 0
