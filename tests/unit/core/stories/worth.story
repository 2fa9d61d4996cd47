# What meters are worth, and how far a product is adopted: SEMANTICS 3 by hand.

config worth
  money: {currency: EUR, rates: {USD: 0.5}}
  meters:
    mails: {event: mail, aggregate: sum, value: /n, worth: 0.02 USD}
    seats: {event: seats, aggregate: latest, value: /n, worth: 10}
    users: {event: seen, aggregate: unique, value: /u, limit: seats, windows: [30d]}
  rules:
    worth:   {watch: value.mails, levels: [20 USD, 40 USD]}
    in_eur:  {watch: value.mails, levels: [20 EUR], rearm: 1}
    seats:   {watch: value.seats, levels: [50]}
    adopted: {watch: adoption, levels: [75%], rearm: 5%}
    idle:    {watch: adoption, below: [0%], category: risk}

# 1,000 mails are 20 USD, 10 EUR; 2,000 are 40 USD, 20 EUR. The period's end resets what is counted
# over it, and not the value of a gauge.
story the period's value in money, compared through the rates
  2026-11-02T10:00Z acme mail {"n": 999}
  2026-11-02T10:01Z acme mail {"n": 1}
    fired worth/acme/20USD/2026-11-01#1 usage 20
  2026-11-02T10:02Z acme mail {"n": 1000}
    fired worth/acme/40USD/2026-11-01#1 usage 40
    fired in_eur/acme/20EUR/2026-11-01#1 usage 40
  2026-11-02T10:03Z acme mail {"n": -200}
    resolved worth/acme/40USD/2026-11-01#1/resolved signal_returned 36
    resolved in_eur/acme/20EUR/2026-11-01#1/resolved signal_returned 36
  2026-11-02T10:04Z acme seats {"n": 5}
    fired seats/acme/50/2026-11-01#1 usage 50
  2026-12-01T00:00Z tick
    resolved worth/acme/20USD/2026-11-01#1/resolved period_reset 0
  2026-12-01T10:00Z acme seats {"n": 4}
    resolved seats/acme/50/2026-11-01#1/resolved signal_returned 40

# Hours: who was seen at 10 leaves when 10 o'clock of the next day begins.
story members of the last day, of the seats
  2026-11-02T09:00Z acme subscription.created {"limits": {"seats": 4}}
  2026-11-02T10:00Z acme seen {"u": "ann"}
  2026-11-02T10:01Z acme seen {"u": "bob"}
  2026-11-02T11:00Z acme seen {"u": "cid"}
    fired adopted/acme/75pct/2026-11-02#1 usage 0.75
  2026-11-02T12:00Z acme subscription.updated {"limits": {"seats": 5}}
    resolved adopted/acme/75pct/2026-11-02#1/resolved limit_increased 0.6
  2026-11-03T10:00Z tick
  2026-11-03T11:00Z tick
    fired idle/acme/0pct/2026-11-02#1 time 0
  2026-11-03T12:00Z acme seen {"u": "ann"}
    resolved idle/acme/0pct/2026-11-02#1/resolved usage_increased 0.2
