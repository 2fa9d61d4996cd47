# Which plan is recommended, and what it adds: SEMANTICS 7 (Plans) by hand.
tell advice

# The model case. The licence holds 5,000 contacts and 14 more come a day: 4,102 on the 1st, 4,186 on
# the 7th, 4,200 on the 8th. Seven whole days lie behind the first with the 8th: the pace is 14 a day,
# 800 remain, and that is for 57 days. In 180 days there will be 4,200 + 14 × 180 = 6,720, which is
# 67.2% of 10,000: growth is large enough. 1,200 a month less the 400 that are paid are 800.
config model
  meters:
    contacts: {event: contact.count, aggregate: latest, value: /value, limit: contacts, worth: 0.02 USD}
  plans:
    starter: {limits: {contacts: 5000}, mrr: 400 USD, next: [growth]}
    growth:  {limits: {contacts: 10000}, mrr: 1200 USD, next: [scale], link: "https://app.example.com/upgrade?to=growth"}
    scale:   {limits: {contacts: 50000}, mrr: 4000 USD, next: [starter, custom]}
    custom:  {limits: {contacts: unlimited}}
  rules:
    full_in_two_months: {watch: meter.contacts.days_to_limit, below: [60d]}
    capacity: {watch: meter.contacts.used, levels: [80%, 84%, 85%], jump: each, playbook: capacity_planning}
  routes:
    - {when: ["category = upsell"], audience: csm}

story a licence that is full within two months
  2026-11-01T09:00Z acme subscription.created {"plan": "starter"}
  2026-11-01T10:00Z acme contact.count {"value": 3902}
  2026-11-01T11:00Z acme contact.count {"value": 4102}
    fired capacity/acme/80pct/2026-11-01#1 usage 0.8204
      plan growth 800.00 USD
      to csm
      capacity_planning
        discovery meter.contacts.used 82.04%
        discovery meter.contacts 4102 of 5000, 82.04%
        value_recap value.contacts 82.04 USD
        solution plan growth
        solution plan.contacts 10000
        roi value 82.04 USD
        roi plan.mrr 1200.00 USD
        roi mrr_delta +800.00 USD
        proposal amendment starter to growth
        proposal mrr_delta +800.00 USD
        proposal link https://app.example.com/upgrade?to=growth
  2026-11-02T10:00Z acme contact.count {"value": 4116}
  2026-11-03T10:00Z acme contact.count {"value": 4130}
  2026-11-04T10:00Z acme contact.count {"value": 4144}
  2026-11-05T10:00Z acme contact.count {"value": 4158}
  2026-11-06T10:00Z acme contact.count {"value": 4172}
  2026-11-07T10:00Z acme contact.count {"value": 4186}
  2026-11-08T10:00Z acme contact.count {"value": 4200}
    fired capacity/acme/84pct/2026-11-01#1 usage 0.84
      plan growth 800.00 USD
      to csm
      capacity_planning
        discovery meter.contacts.used 84%
        discovery meter.contacts 4200 of 5000, 84%
        value_recap value.contacts 84.00 USD
        solution plan growth
        solution plan.contacts 10000
        roi value 84.00 USD
        roi plan.mrr 1200.00 USD
        roi mrr_delta +800.00 USD
        proposal amendment starter to growth
        proposal mrr_delta +800.00 USD
        proposal link https://app.example.com/upgrade?to=growth
  2026-11-09T00:00Z tick
    fired full_in_two_months/acme/60d/2026-11-01#1 time 57
      plan growth 800.00 USD
      to csm
# Of milestones the newest three are told, and of a name what fits into 100 bytes: 10 of the word, one
# letter and 44 of two bytes each. 750 remain, for 53 days and a half. The pace was the same each day: what is uncertain is one day.
  2026-11-09T10:00Z acme milestone.achieved {"milestone": "first"}
  2026-11-09T10:01Z acme milestone.achieved {"milestone": "second"}
  2026-11-09T10:02Z acme milestone.achieved {"milestone": "third"}
  2026-11-09T10:03Z acme milestone.achieved {"milestone": "aééééééééééééééééééééééééééééééééééééééééééééé"}
  2026-11-09T11:00Z acme contact.count {"value": 4250}
    fired capacity/acme/85pct/2026-11-01#1 usage 0.85
      plan growth 800.00 USD
      to csm
      capacity_planning
        discovery meter.contacts.used 85%
        discovery meter.contacts 4250 of 5000, 85%
        discovery meter.contacts.days_to_limit 53, 52 to 54
        value_recap milestone.aéééééééééééééééééééééééééééééééééééééééééééé 2026-11-09
        value_recap milestone.third 2026-11-09
        value_recap milestone.second 2026-11-09
        value_recap value.contacts 85.00 USD
        solution plan growth
        solution plan.contacts 10000
        roi value 85.00 USD
        roi plan.mrr 1200.00 USD
        roi mrr_delta +800.00 USD
        proposal amendment starter to growth
        proposal mrr_delta +800.00 USD
        proposal link https://app.example.com/upgrade?to=growth

# 30 a day: 4,170 on the 7th and 4,200 on the 8th, and 4,200 + 5,400 = 9,600 in half a year, 96% of
# 10,000. It is not growth but scale: 4,000 less the 350.50 that this contract pays. At midnight 800
# remain, for 26 days. Until then there is no pace, and growth is large enough for 4,200.
story a faster pace takes a larger plan, and the price is that of the contract
  2026-11-01T09:00Z acme subscription.created {"plan": "starter", "mrr": 35050, "currency": "USD"}
  2026-11-01T10:00Z acme contact.count {"value": 3990}
  2026-11-02T10:00Z acme contact.count {"value": 4020}
    fired capacity/acme/80pct/2026-11-01#1 usage 0.804
      plan growth 849.50 USD
      to csm
      capacity_planning
        discovery meter.contacts.used 80.4%
        discovery meter.contacts 4020 of 5000, 80.4%
        value_recap value.contacts 80.40 USD
        solution plan growth
        solution plan.contacts 10000
        roi value 80.40 USD
        roi account.mrr 350.50 USD
        roi plan.mrr 1200.00 USD
        roi mrr_delta +849.50 USD
        proposal amendment starter to growth
        proposal mrr_delta +849.50 USD
        proposal link https://app.example.com/upgrade?to=growth
  2026-11-03T10:00Z acme contact.count {"value": 4050}
  2026-11-04T10:00Z acme contact.count {"value": 4080}
  2026-11-05T10:00Z acme contact.count {"value": 4110}
  2026-11-06T10:00Z acme contact.count {"value": 4140}
  2026-11-07T10:00Z acme contact.count {"value": 4170}
  2026-11-08T10:00Z acme contact.count {"value": 4200}
    fired capacity/acme/84pct/2026-11-01#1 usage 0.84
      plan growth 849.50 USD
      to csm
      capacity_planning
        discovery meter.contacts.used 84%
        discovery meter.contacts 4200 of 5000, 84%
        value_recap value.contacts 84.00 USD
        solution plan growth
        solution plan.contacts 10000
        roi value 84.00 USD
        roi account.mrr 350.50 USD
        roi plan.mrr 1200.00 USD
        roi mrr_delta +849.50 USD
        proposal amendment starter to growth
        proposal mrr_delta +849.50 USD
        proposal link https://app.example.com/upgrade?to=growth
  2026-11-09T00:00Z tick
    fired full_in_two_months/acme/60d/2026-11-01#1 time 26
      plan scale 3649.50 USD
      to csm

# Largest of all, and of a price that nobody has written: there is no difference to show. 40,000 are
# exactly 80% of 50,000, which is not below it.
story at exactly the share a plan is not large enough
  2026-11-01T09:00Z acme subscription.created {"plan": "growth", "limits": {"contacts": 48000}}
  2026-11-01T10:00Z acme contact.count {"value": 39999}
    fired capacity/acme/80pct/2026-11-01#1 usage 0.8333
      plan scale 2800.00 USD
      to csm
      capacity_planning
        discovery meter.contacts.used 83.33%
        discovery meter.contacts 39999 of 48000, 83.33%
        value_recap value.contacts 799.98 USD
        solution plan scale
        solution plan.contacts 50000
        roi value 799.98 USD
        roi plan.mrr 4000.00 USD
        roi mrr_delta +2800.00 USD
        proposal amendment growth to scale
        proposal mrr_delta +2800.00 USD
  2026-11-02T09:00Z acme contact.count {"value": 0}
    resolved capacity/acme/80pct/2026-11-01#1/resolved usage_decreased 0
  2026-11-02T10:00Z acme contact.count {"value": 40000}
    fired capacity/acme/80pct/2026-11-01#2 usage 0.8333
      plan custom
      to csm
      capacity_planning
        discovery meter.contacts.used 83.33%
        discovery meter.contacts 40000 of 48000, 83.33%
        value_recap value.contacts 800.00 USD
        solution plan custom
        solution plan.contacts unlimited
        roi value 800.00 USD
        proposal amendment growth to custom

# What the contract allows is more than growth would: it is no step up. scale is.
story a plan that allows less than the contract is no step up
  2026-11-01T09:00Z acme subscription.created {"plan": "starter", "limits": {"contacts": 10000}, "mrr": 90000, "currency": "USD"}
  2026-11-01T10:00Z acme contact.count {"value": 8000}
    fired capacity/acme/80pct/2026-11-01#1 usage 0.8
      plan scale 3100.00 USD
      to csm
      capacity_planning
        discovery meter.contacts.used 80%
        discovery meter.contacts 8000 of 10000, 80%
        value_recap value.contacts 160.00 USD
        solution plan scale
        solution plan.contacts 50000
        roi value 160.00 USD
        roi account.mrr 900.00 USD
        roi plan.mrr 4000.00 USD
        roi mrr_delta +3100.00 USD
        proposal amendment starter to scale
        proposal mrr_delta +3100.00 USD

# Limits add up: 5,000 and 5,000 are 10,000. 8,000 must stay below 80% of what would be: growth in
# place of the older starter makes it 15,000, of which 8,000 are 53.33%.
story of several subscriptions the oldest that can goes up, and the others stay
  2026-11-01T08:00Z acme subscription.created {"subscription": "b", "plan": "mine"}
  2026-11-01T09:00Z acme subscription.created {"subscription": "a", "plan": "starter"}
  2026-11-01T09:01Z acme subscription.created {"subscription": "c", "plan": "starter", "mrr": 1, "currency": "USD"}
  2026-11-01T10:00Z acme contact.count {"value": 8000}
    fired capacity/acme/80pct/2026-11-01#1 usage 0.8
      plan growth 800.00 USD
      to csm
      capacity_planning
        discovery meter.contacts.used 80%
        discovery meter.contacts 8000 of 10000, 80%
        value_recap value.contacts 160.00 USD
        solution plan growth
        solution plan.contacts 10000
        roi value 160.00 USD
        roi account.mrr 0.01 USD
        roi plan.mrr 1200.00 USD
        roi mrr_delta +800.00 USD
        proposal amendment starter to growth
        proposal mrr_delta +800.00 USD
        proposal link https://app.example.com/upgrade?to=growth

# Nothing leads on from a plan that is not in the catalogue.
story without a known plan there is nothing to recommend
  2026-11-01T09:00Z acme subscription.created {"plan": "old", "limits": {"contacts": 5000}}
  2026-11-01T10:00Z acme contact.count {"value": 4000}
    fired capacity/acme/80pct/2026-11-01#1 usage 0.8
      to csm
      capacity_planning
        discovery meter.contacts.used 80%
        discovery meter.contacts 4000 of 5000, 80%
        value_recap value.contacts 80.00 USD
        roi value 80.00 USD

# Calls start anew each month: what a month comes to counts, not what half a year would. 100 a day
# are 3,000 in November's thirty days, below 80% of 4,000; piled up for half a year they would pass
# any plan.
config sums
  meters:
    calls: {event: call, aggregate: sum, value: /n, limit: calls}
    other: {event: other, aggregate: count}
  recommend: {below: 80%, for: 180d}
  plans:
    small:  {limits: {calls: 2000}, mrr: 10 EUR, next: [medium, twin, large]}
    large:  {limits: {calls: 10000}, mrr: 90 EUR}
    medium: {limits: {calls: 4000}, mrr: 30 EUR}
    twin:   {limits: {calls: 4000}, mrr: 25 EUR}
  money: {currency: USD, rates: {EUR: 1.1}}
  rules:
    soon:  {watch: meter.calls.days_to_limit, below: [20d]}
    risk:  {watch: meter.calls.used, levels: [45%], category: risk}
    ready: {watch: account.nps, levels: [9]}
    never: {watch: meter.other.period, levels: [1]}
  routes: [{audience: mail}]

# Seven whole days at 100, behind the first; with 800 of 2,000 used, 1,200 remain: 12 days. At 3,000 a month medium and
# twin are large enough; of the same size the cheaper is twin: 25 EUR less 10.
story what starts anew with each period does not pile up
  2026-11-01T00:00Z acme subscription.created {"plan": "small"}
  2026-11-01T10:00Z acme call {"n": 100}
  2026-11-02T10:00Z acme call {"n": 100}
  2026-11-03T10:00Z acme call {"n": 100}
  2026-11-04T10:00Z acme call {"n": 100}
  2026-11-05T10:00Z acme call {"n": 100}
  2026-11-06T10:00Z acme call {"n": 100}
  2026-11-07T10:00Z acme call {"n": 100}
  2026-11-08T10:00Z acme call {"n": 100}
  2026-11-09T00:00Z tick
    fired soon/acme/20d/2026-11-01#1 time 12
      plan twin 15.00 EUR
      to mail
# Risk is no occasion to sell. 9 of 10 promoters are one, though: what is fullest then is 1,100 of
# 2,000, but a month will come to 3,000. The meter without a limit has no plan.
  2026-11-09T10:00Z acme call {"n": 300}
    fired risk/acme/45pct/2026-11-01#1 usage 0.55
      to mail
  2026-11-09T11:00Z acme other {}
    fired never/acme/1/2026-11-01#1 usage 1
      to mail
  2026-11-09T12:00Z acme feedback.nps {"score": 9}
    fired ready/acme/9/2026-11-01#1 account_change 9
      plan twin 15.00 EUR
      to mail

# 13 USD are paid. 25 EUR at 1.1 are 27.5 USD: 14.50 more. Who needs nothing is offered nothing.
story another currency goes by the rate, and who has room is left alone
  2026-11-01T00:00Z acme subscription.created {"plan": "small", "mrr": 1300, "currency": "USD"}
  2026-11-01T10:00Z acme call {"n": 1599}
    fired risk/acme/45pct/2026-11-01#1 usage 0.7995
      to mail
  2026-11-01T11:00Z acme feedback.nps {"score": 9}
    fired ready/acme/9/2026-11-01#1 account_change 9
      to mail
  2026-11-01T12:00Z acme feedback.nps {"score": 1}
    resolved ready/acme/9/2026-11-01#1/resolved signal_returned 1
  2026-11-01T13:00Z acme call {"n": 1}
  2026-11-01T14:00Z acme feedback.nps {"score": 10}
    fired ready/acme/9/2026-11-01#2 account_change 10
      plan twin 14.50 USD
      to mail

# Dashboards belong to the suite, which starter does not hold: growth is the cheapest that does.
config products
  products:
    crm:   {features: [pipeline]}
    suite: {features: [dashboards]}
  features:
    pipeline:   {event: pipeline.opened}
    dashboards: {event: dashboard.opened, trial: premium}
  plans:
    starter: {products: [crm], mrr: 400 USD, next: [all]}
    all:     {products: [crm, suite], mrr: 9000 USD, next: growth}
    growth:  {products: [crm, suite], mrr: 1200 USD, next: starter}
  rules:
    valued:  {watch: feature.dashboards.uses.7d, levels: [4], playbook: strategic_business_review}
    tried:   {watch: trial.premium, levels: [1]}
    wanted:  {watch: interest.dashboards, levels: [1]}
    liked:   {watch: feature.pipeline.uses.7d, levels: [3]}
    cross:   {watch: adoption.crm, levels: [95%], category: cross-sell, when: ["product.suite.owned = 0"], offer: {product: suite, mrr: [5000 USD, 12000 USD]}}
  routes: [{when: ["category = cross-sell"], audience: sales, playbook: value_based_upgrade}, {audience: account_manager}]

story a feature in a trial, and a product that is not owned
  2026-11-02T09:00Z acme subscription.created {"plan": "starter"}
  2026-11-02T09:01Z acme account.updated {"account_manager": "ana"}
  2026-11-02T10:00Z acme trial.started {"feature": "premium"}
    fired tried/acme/1/2026-11-02#1 account_change 1
      plan growth 800.00 USD
      to account_manager, owner ana
  2026-11-02T10:01Z acme feature.interest {"feature": "dashboards"}
    fired wanted/acme/1/2026-11-02#1 account_change 1
      plan growth 800.00 USD
      to account_manager, owner ana
  2026-11-02T10:02Z acme dashboard.opened {}
  2026-11-03T10:02Z acme dashboard.opened {}
  2026-11-04T10:02Z acme dashboard.opened {}
  2026-11-05T10:01Z acme milestone.achieved {"milestone": "success_metric"}
  2026-11-05T10:02Z acme dashboard.opened {}
    fired valued/acme/4/2026-11-02#1 usage 4
      plan growth 800.00 USD
      to account_manager, owner ana
      strategic_business_review
        discovery feature.dashboards.uses.7d 4
        value_recap milestone.success_metric 2026-11-05
        solution plan growth
        solution feature.dashboards.uses 4
        roi plan.mrr 1200.00 USD
        roi mrr_delta +800.00 USD
        proposal amendment starter to growth
        proposal mrr_delta +800.00 USD
  2026-11-05T11:00Z acme pipeline.opened {}
    fired cross/acme/95pct/2026-11-02#1 usage 1
      plan growth 800.00 USD
      offer suite 5000.00 USD 12000.00 USD
      to sales
      value_based_upgrade
        discovery adoption.crm 100%
        value_recap milestone.success_metric 2026-11-05
        solution offer suite
        solution offer.mrr 5000.00 to 12000.00 USD
        solution plan growth
        solution feature.dashboards.uses 4
        roi plan.mrr 1200.00 USD
        roi mrr_delta +800.00 USD
        proposal amendment starter to growth
        proposal mrr_delta +800.00 USD
# The pipeline is owned already.
  2026-11-05T11:01Z acme pipeline.opened {}
  2026-11-05T11:02Z acme pipeline.opened {}
    fired liked/acme/3/2026-11-02#1 usage 3
      to account_manager, owner ana

# Of what is tried with a feature the product is the one that the feature belongs to.
config trying
  products:
    crm:   {features: [pipeline]}
    suite: {features: [dashboards]}
  features:
    pipeline:   {event: pipeline.opened}
    dashboards: {event: dashboard.opened, trial: premium}
  plans:
    starter: {products: [crm], next: [all, growth]}
    all:     {products: [crm, suite]}
    growth:  {products: [crm, suite], mrr: 1200 USD}
  rules:
    busy: {watch: trial.uses.7d, levels: [2]}
  routes: [{audience: sales}]

# The price of all is not known, which is the highest; what starter costs is not known either, so
# nobody can say what is added.
story uses in a trial ask for the product of what is tried
  2026-11-02T09:00Z acme subscription.created {"plan": "starter"}
  2026-11-02T10:00Z acme trial.started {"feature": "premium"}
  2026-11-02T10:01Z acme dashboard.opened {}
  2026-11-02T10:02Z acme dashboard.opened {}
    fired busy/acme/2/2026-11-02#1 usage 2
      plan growth
      to sales

config foreign
  money: {currency: USD, rates: {EUR: 1.1}}
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  plans:
    small: {limits: {seats: 10}, mrr: 100 EUR, next: [large]}
    large: {limits: {seats: 99999999999999999999999999}, mrr: 200 USD}
  rules:
    full: {watch: meter.seats.used, levels: [80%]}
  routes: [{audience: sales}]

# Ten francs a month, and no rate says how many dollars that are.
story without a rate nobody can say what is added
  2026-11-02T09:00Z acme subscription.created {"plan": "small", "mrr": 1000, "currency": "CHF"}
  2026-11-02T10:00Z acme seats {"n": 8}
    fired full/acme/80pct/2026-11-02#1 usage 0.8
      plan large
      to sales

# Beside the ten of its own that would go up the account has five more; with 26 nines that is more
# than any quantity, and large enough.
story more than any quantity is large enough
  2026-11-02T09:00Z acme subscription.created {"subscription": "one", "plan": "small"}
  2026-11-02T09:00Z acme subscription.created {"subscription": "two", "limits": {"seats": 5}}
  2026-11-02T10:00Z acme seats {"n": 12}
    fired full/acme/80pct/2026-11-02#1 usage 0.8
      plan large 90.00 USD
      to sales

# No rule asks for days to a limit, and the pace is known all the same: from the 2nd to the 8th 30 a day
# and 20 on the last, 200 in a week. 4,230 on the 9th are 84.6%, and 4,230 + 200 / 7 × 180 = 9,372 half a
# year later are 93.72% of 10,000, so it is scale, 4,000 less 400. In the first days no pace is known:
# 4,100 are 41% of 10,000, and it is growth. The count of mails resets: 100 a day from the 2nd to the 8th
# are 3,000 in November, 60% of 5,000, where today's 850 would do with 2,000.
config paced
  meters:
    contacts: {event: contact.count, aggregate: latest, value: /value, limit: contacts}
    mails:    {event: mail.sent, aggregate: sum, value: /n, limit: mails}
  plans:
    starter: {limits: {contacts: 5000, mails: 1000}, mrr: 400 USD, next: [growth, scale, mailer]}
    growth:  {limits: {contacts: 10000, mails: 1000}, mrr: 1200 USD}
    scale:   {limits: {contacts: 50000, mails: 2000}, mrr: 4000 USD}
    mailer:  {limits: {contacts: 5000, mails: 5000}, mrr: 900 USD}
  rules:
    capacity: {watch: meter.contacts.used, levels: [82%, 84%]}
    posted: {watch: meter.mails.used, levels: [85%]}
  routes:
    - {when: ["category = upsell"], audience: csm}

story a plan is recommended by months ahead where no rule asks for days to a limit
  2026-11-01T09:00Z acme subscription.created {"plan": "starter"}
  2026-11-01T10:00Z acme contact.count {"value": 4100}
    fired capacity/acme/82pct/2026-11-01#1 usage 0.82
      plan growth 800.00 USD
      to csm
  2026-11-01T10:00:01Z acme contact.count {"value": 3990}
    resolved capacity/acme/82pct/2026-11-01#1/resolved usage_decreased 0.798
  2026-11-02T10:00Z acme contact.count {"value": 4020}
  2026-11-03T10:00Z acme contact.count {"value": 4050}
  2026-11-04T10:00Z acme contact.count {"value": 4080}
  2026-11-05T10:00Z acme contact.count {"value": 4110}
    fired capacity/acme/82pct/2026-11-01#2 usage 0.822
      plan growth 800.00 USD
      to csm
  2026-11-06T10:00Z acme contact.count {"value": 4140}
  2026-11-07T10:00Z acme contact.count {"value": 4170}
  2026-11-08T10:00Z acme contact.count {"value": 4190}
  2026-11-09T10:00Z acme contact.count {"value": 4230}
    fired capacity/acme/84pct/2026-11-01#1 usage 0.846
      plan scale 3600.00 USD
      to csm

story what resets is recommended by what a period comes to
  2026-11-01T09:00Z acme subscription.created {"plan": "starter"}
  2026-11-01T10:00Z acme mail.sent {"n": 100}
  2026-11-02T10:00Z acme mail.sent {"n": 100}
  2026-11-03T10:00Z acme mail.sent {"n": 100}
  2026-11-04T10:00Z acme mail.sent {"n": 100}
  2026-11-05T10:00Z acme mail.sent {"n": 100}
  2026-11-06T10:00Z acme mail.sent {"n": 100}
  2026-11-07T10:00Z acme mail.sent {"n": 100}
  2026-11-08T10:00Z acme mail.sent {"n": 100}
  2026-11-09T10:00Z acme mail.sent {"n": 50}
    fired posted/acme/85pct/2026-11-01#1 usage 0.85
      plan mailer 500.00 USD
      to csm

# The suite belongs to large alone; middle, which is cheaper, does not own what the rule offers.
config offering
  products:
    suite: {}
  plans:
    small:  {mrr: 100 USD, next: [middle, large]}
    middle: {mrr: 150 USD}
    large:  {mrr: 300 USD, products: [suite]}
  rules:
    happy: {watch: account.stars, levels: [4], category: cross-sell, offer: {product: suite, mrr: [100 USD, 200 USD]}}
  routes: [{audience: sales}]

story a plan that does not own the product is not recommended for it
  2026-11-02T09:00Z acme subscription.created {"plan": "small"}
  2026-11-02T10:00Z acme account.updated {"stars": 5}
    fired happy/acme/4/2026-11-02#1 account_change 5
      plan large 200.00 USD
      offer suite 100.00 USD 200.00 USD
      to sales

# Seven days brought 50, 50, 50, 200, 200, 150 and 0, 100 a day. 1,800 remain, for 18 days. With such
# days it may be met from the 9th day on, or not within November's 22 days that are left, and December
# begins anew: the interval, and a day for the rounding, has no end.
config noisy
  meters:
    mails: {event: mail.sent, aggregate: sum, value: /n, limit: mails}
  rules:
    half: {watch: meter.mails.used, levels: [50%], playbook: capacity_planning}
    soon: {watch: meter.mails.days_to_limit, below: [5d]}

story a forecast whose end lies behind the period has none
  2026-11-01T09:00Z acme subscription.created {"limits": {"mails": 3800}}
  2026-11-01T10:00Z acme mail.sent {"n": 500}
  2026-11-02T10:00Z acme mail.sent {"n": 50}
  2026-11-03T10:00Z acme mail.sent {"n": 50}
  2026-11-04T10:00Z acme mail.sent {"n": 50}
  2026-11-05T10:00Z acme mail.sent {"n": 200}
  2026-11-06T10:00Z acme mail.sent {"n": 200}
  2026-11-07T10:00Z acme mail.sent {"n": 150}
  2026-11-09T10:00Z acme mail.sent {"n": 800}
    fired half/acme/50pct/2026-11-01#1 usage 0.5263
      to in_app mail
      capacity_planning
        discovery meter.mails.used 52.63%
        discovery meter.mails 2000 of 3800, 52.63%
        discovery meter.mails.days_to_limit 18, from 8

# Of a limit of 0 nothing is 0%, which is below 80%: there is nothing to go up for. The contacts are at
# 4,500, 90% of 5,000. Then a mail is sent of none: that is beyond every share, and further than 90%.
config full
  meters:
    mails:    {event: mail.sent, aggregate: sum, value: /n, limit: mails}
    contacts: {event: contact.count, aggregate: latest, value: /value, limit: contacts}
  plans:
    starter: {limits: {contacts: 5000, mails: 0}, mrr: 400 USD, next: [growth, mailer]}
    growth:  {limits: {contacts: 10000, mails: 0}, mrr: 1200 USD}
    mailer:  {limits: {contacts: 5000, mails: 100}, mrr: 500 USD}
  rules:
    old: {watch: tenure.days, levels: [2d, 3d, 4d], jump: each}
  routes:
    - {when: ["category = upsell"], audience: csm}

story what may not be used and is not used is not full
  2026-11-01T09:00Z acme subscription.created {"plan": "starter"}
  2026-11-03T00:00Z tick
    fired old/acme/2d/2026-11-01#1 time 2
      to csm
  2026-11-03T10:00Z acme contact.count {"value": 4500}
  2026-11-04T00:00Z tick
    fired old/acme/3d/2026-11-01#1 time 3
      plan growth 800.00 USD
      to csm
  2026-11-04T10:00Z acme mail.sent {"n": 1}
  2026-11-05T00:00Z tick
    fired old/acme/4d/2026-11-01#1 time 4
      plan mailer 100.00 USD
      to csm
