# Products that are used and owned: SEMANTICS 3 by hand.

config products
  products:
    crm:   {features: [pipeline, dashboards]}
    suite: {}
    desk:  {features: [tickets]}
  features:
    pipeline:   {event: pipeline.opened}
    dashboards: {event: dashboard.opened}
    tickets:    {event: ticket.opened}
  plans:
    starter: {products: [crm]}
    growth:  {products: [crm, suite]}
  rules:
    deep:   {watch: adoption.crm, levels: [50%, 100%], jump: each}
    left:   {watch: adoption.crm, below: [0%], category: risk}
    empty:  {watch: adoption.suite, below: [100%]}
    cross:  {watch: products.used, levels: [2], when: ["product.desk.owned = 0", "product.desk.used = 1"]}
    owned:  {watch: products.owned, levels: [1, 2]}
    ready:  {watch: score, levels: [7]}
  score:
    - {points: 7, when: ["adoption.crm >= 100%", "product.suite.owned = 1", "product.suite.used = 0"]}

# What was used on the 2nd leaves the thirty days as the 2nd of December begins, what was used on the
# 5th with the 5th. A product without features is not used, and its adoption is unknown.
story features of a product that are used
  2026-11-02T10:00Z acme subscription.created {"plan": "starter"}
    fired owned/acme/1/2026-11-02#1 account_change 1
  2026-11-02T10:01Z acme pipeline.opened {}
    fired deep/acme/50pct/2026-11-02#1 usage 0.5
  2026-11-02T10:02Z acme ticket.opened {}
    fired cross/acme/2/2026-11-02#1 usage 2
  2026-11-05T10:00Z acme dashboard.opened {}
    fired deep/acme/100pct/2026-11-02#1 usage 1
  2026-11-05T10:01Z acme subscription.updated {"plan": "growth"}
    fired owned/acme/2/2026-11-02#1 account_change 2
    fired ready/acme/7/2026-11-02#1 account_change 7
  2026-12-01T23:59Z tick
  2026-12-02T00:00Z tick
    resolved deep/acme/100pct/2026-11-02#1/resolved usage_decreased 0.5
    resolved cross/acme/2/2026-11-02#1/resolved signal_returned 1
    resolved ready/acme/7/2026-11-02#1/resolved signal_returned 0
  2026-12-05T00:00Z tick
    resolved deep/acme/50pct/2026-11-02#1/resolved usage_decreased 0
    fired left/acme/0pct/2026-12-02#1 time 0
  2026-12-05T10:00Z acme pipeline.opened {}
    resolved left/acme/0pct/2026-12-02#1/resolved usage_increased 0.5
    fired deep/acme/50pct/2026-12-02#1 usage 0.5
  2026-12-06T10:00Z acme subscription.updated {"plan": "other"}
    resolved owned/acme/2/2026-11-02#1/resolved signal_returned 0
    resolved owned/acme/1/2026-11-02#1/resolved signal_returned 0

# A product that two plans hold is owned once; with its subscription it goes by time alone.
story products of several subscriptions
  2026-11-02T10:00Z acme subscription.created {"subscription": "a", "plan": "starter"}
    fired owned/acme/1/2026-11-02#1 account_change 1
  2026-11-02T10:01Z acme subscription.created {"subscription": "b", "plan": "growth"}
    fired owned/acme/2/2026-11-02#1 account_change 2
  2026-11-02T10:02Z acme subscription.cancelled {"subscription": "b", "ends_at": "2026-11-10"}
  2026-11-09T23:59Z tick
  2026-11-10T00:00Z tick
    resolved owned/acme/2/2026-11-02#1/resolved signal_returned 1
