# Who speaks about a trigger, and whose it is: SEMANTICS 7 (Routes) by hand.
tell advice

config usual
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    full:   {watch: meter.seats.used, levels: [80%]}
    shrunk: {watch: account.health, below: [50], category: risk}
  money: {currency: USD, rates: {EUR: 1.1}}

# 20k a year: ten times that is 200k. Without an ARR it would be twelve months of MRR.
story without routes it goes by the size of the deal
  2026-11-01T09:00Z a1 subscription.created {"limits": {"seats": 10}}
  2026-11-01T09:00Z a2 subscription.created {"limits": {"seats": 10}}
  2026-11-01T09:00Z a3 subscription.created {"limits": {"seats": 10}}
  2026-11-01T09:00Z a4 subscription.created {"limits": {"seats": 10}}
  2026-11-01T09:01Z a4 account.updated {"arr": 2000000, "currency": "USD"}
  2026-11-01T09:01Z a2 opportunity.stage_changed {"opportunity": "o", "stage": "qualified", "kind": "upsell", "amount": 2500000, "currency": "USD"}
  2026-11-01T09:01Z a3 opportunity.stage_changed {"opportunity": "o", "stage": "qualified", "kind": "upsell", "amount": 10000000, "currency": "USD"}
  2026-11-01T09:01Z a4 opportunity.stage_changed {"opportunity": "o", "stage": "qualified", "kind": "upsell", "amount": 100000000, "currency": "USD"}
  2026-11-01T10:00Z a1 seats {"n": 8}
    fired full/a1/80pct/2026-11-01#1 usage 0.8
      to in_app mail
      capacity_planning
        discovery meter.seats.used 80%
        discovery meter.seats 8 of 10, 80%
  2026-11-01T10:00Z a2 seats {"n": 8}
    fired full/a2/80pct/2026-11-01#1 usage 0.8
      to sales personal_demo
      capacity_planning
        discovery meter.seats.used 80%
        discovery meter.seats 8 of 10, 80%
  2026-11-01T10:00Z a3 seats {"n": 8}
    fired full/a3/80pct/2026-11-01#1 usage 0.8
      to account_manager product_leadership
      capacity_planning
        discovery meter.seats.used 80%
        discovery meter.seats 8 of 10, 80%
  2026-11-01T10:00Z a4 seats {"n": 8}
    fired full/a4/80pct/2026-11-01#1 usage 0.8
      to dedicated_team
      capacity_planning
        discovery meter.seats.used 80%
        discovery meter.seats 8 of 10, 80%
# Risk goes to the CSM, however large the deal.
  2026-11-01T11:00Z a4 account.updated {"csm": "carl", "owner": "olga"}
  2026-11-01T11:01Z a4 health.updated {"score": 50}
    fired shrunk/a4/50/2026-11-01#1 account_change 50
      to csm, owner carl

# 1,000 EUR a month are 12,000 EUR a year, at 1.1 13,200 USD: ten times that is 132,000 USD. A cent
# less is not ten times. Without a rate there is no ratio, but 100k are of the deal's own currency.
story a ratio over two currencies is exact
  2026-11-01T09:00Z acme subscription.created {"limits": {"seats": 10}, "mrr": 100000, "currency": "EUR"}
  2026-11-01T09:01Z acme opportunity.stage_changed {"opportunity": "o", "stage": "qualified", "kind": "upsell", "amount": 13199999, "currency": "USD"}
  2026-11-01T10:00Z acme seats {"n": 8}
    fired full/acme/80pct/2026-11-01#1 usage 0.8
      to account_manager product_leadership
      capacity_planning
        discovery meter.seats.used 80%
        discovery meter.seats 8 of 10, 80%
        roi account.mrr 1000.00 EUR
  2026-11-01T10:01Z acme seats {"n": 1}
    resolved full/acme/80pct/2026-11-01#1/resolved usage_decreased 0.1
  2026-11-01T10:02Z acme opportunity.stage_changed {"opportunity": "o", "stage": "qualified", "kind": "upsell", "amount": 13200000, "currency": "USD"}
  2026-11-01T10:03Z acme seats {"n": 8}
    fired full/acme/80pct/2026-11-01#2 usage 0.8
      to dedicated_team
      capacity_planning
        discovery meter.seats.used 80%
        discovery meter.seats 8 of 10, 80%
        roi account.mrr 1000.00 EUR
  2026-11-01T10:04Z acme seats {"n": 1}
    resolved full/acme/80pct/2026-11-01#2/resolved usage_decreased 0.1
  2026-11-01T10:05Z acme opportunity.stage_changed {"opportunity": "o", "stage": "qualified", "kind": "upsell", "amount": 99900000, "currency": "JPY"}
  2026-11-01T10:06Z acme seats {"n": 8}
    fired full/acme/80pct/2026-11-01#3 usage 0.8
      to account_manager product_leadership
      capacity_planning
        discovery meter.seats.used 80%
        discovery meter.seats 8 of 10, 80%
        roi account.mrr 1000.00 EUR

config own
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  segments:
    - {name: startup, when: ["account.arr < 25k"]}
  rules:
    full: {watch: meter.seats.used, levels: [80%, 90%], jump: each}
  routes:
    - {when: ["segment = startup", "tenure.days >= 5"], audience: [in_app, csm, account_manager], playbook: in_app_prompt}
    - {when: ["renewal.days_left <= 30"], audience: sales, owner: "expansion desk"}
    - {when: ["tier = high"], audience: csm}

# What a route asks is read as the trigger fires: also the days, which nothing else asks for here.
# Among several the first who is somebody owns it, else the account's owner; an owner among the
# overrides goes before all. Where no route holds, nobody is told, and nobody owns it.
story the first route that holds
  2026-11-01T09:00Z acme subscription.created {"limits": {"seats": 10}, "renewal_date": "2026-12-10"}
  2026-11-01T09:01Z acme account.updated {"arr": 2400000, "currency": "USD", "owner": "olga"}
  2026-11-05T10:00Z acme seats {"n": 8}
    fired full/acme/80pct/2026-11-01#1 usage 0.8
      to
  2026-11-06T10:00Z acme seats {"n": 9}
    fired full/acme/90pct/2026-11-01#1 usage 0.9
      to in_app csm account_manager, owner olga
      in_app_prompt
        discovery meter.seats.used 90%
        discovery meter.seats 9 of 10, 90%
        proposal renewal 2026-12-10
  2026-11-07T10:00Z acme seats {"n": 1}
    resolved full/acme/90pct/2026-11-01#1/resolved usage_decreased 0.1
    resolved full/acme/80pct/2026-11-01#1/resolved usage_decreased 0.1
  2026-11-07T10:01Z acme account.updated {"account_manager": "ana"}
  2026-11-07T10:02Z acme seats {"n": 8}
    fired full/acme/80pct/2026-11-01#2 usage 0.8
      to in_app csm account_manager, owner ana
      in_app_prompt
        discovery meter.seats.used 80%
        discovery meter.seats 8 of 10, 80%
        proposal renewal 2026-12-10
# 10 December less 30 days is 10 November.
  2026-11-08T10:00Z acme account.updated {"arr": 2500000, "currency": "USD"}
  2026-11-09T23:59Z acme seats {"n": 9}
    fired full/acme/90pct/2026-11-01#2 usage 0.9
      to
  2026-11-09T23:59Z acme seats {"n": 8}
    resolved full/acme/90pct/2026-11-01#2/resolved usage_decreased 0.8
  2026-11-10T00:00Z acme seats {"n": 9}
    fired full/acme/90pct/2026-11-01#3 usage 0.9
      to sales, owner expansion desk
  2026-11-10T00:01Z acme account.updated {"overrides": {"full": {"levels": ["70%"], "owner": "dana"}}}
    resolved full/acme/90pct/2026-11-01#3/resolved rule_changed 0.9
    resolved full/acme/80pct/2026-11-01#2/resolved rule_changed 0.9
    fired full/acme/70pct/2026-11-01#1 rule_change 0.9
      to sales, owner dana
