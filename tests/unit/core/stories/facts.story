# What product, CRM and people tell: trials, interest, milestones, scores, engagement, opportunities.
# SEMANTICS 2, Facts out of order, and the signals of 3, by hand.

config told
  money: {currency: USD, rates: {EUR: 1.1}}
  rules:
    trying: {watch: trial.sso, levels: [1]}
    wanted: {watch: interest.sso, levels: [3]}
    value:  {watch: milestone.first_report, levels: [1]}
    lonely: {watch: executive.days_since, levels: [30d], category: risk}
    large:  {watch: deal.size, levels: [10k USD]}
    sad:    {watch: account.nps, below: [6], category: risk}
    ill:    {watch: account.health, below: [50], category: risk}
    happy:  {watch: account.csat, levels: [4.5]}

# A date is its first midnight in Berlin: 2026-11-04T23:00Z.
story a trial runs until its end, on the account's calendar
  2026-11-01T10:00Z acme subscription.created {"timezone": "Europe/Berlin"}
  2026-11-02T10:00Z acme trial.started {"feature": "sso", "ends_at": "2026-11-05"}
    fired trying/acme/1/2026-11-01#1 account_change 1
  2026-11-04T22:59:59Z tick
  2026-11-04T23:00Z tick
    resolved trying/acme/1/2026-11-01#1/resolved signal_returned 0
  2026-11-05T10:00Z acme trial.started {"feature": "sso"}
    fired trying/acme/1/2026-11-01#2 account_change 1
  2026-11-06T10:00Z acme trial.ended {"feature": "sso", "outcome": "converted"}
    resolved trying/acme/1/2026-11-01#2/resolved signal_returned 0

story the newest word about a trial holds, whenever it comes; another trial is another
  2026-11-02T10:00Z acme trial.ended {"feature": "sso"} at=2026-11-02T09:00Z
  2026-11-02T10:01Z acme trial.started {"feature": "sso"} at=2026-11-02T08:00Z
  2026-11-02T10:02Z acme trial.started {"feature": "reports"}
  2026-11-02T10:03Z acme trial.started {"feature": "sso"} at=2026-11-02T09:00Z
    fired trying/acme/1/2026-11-01#1 account_change 1
  2026-11-02T10:04Z acme trial.started {"feature": "sso", "ends_at": "2026-11-01T00:00:00Z"}
    resolved trying/acme/1/2026-11-01#1/resolved signal_returned 0

# Thirty daily buckets: what was said on 2 November leaves with the midnight before 2 December.
story interest counts for thirty days
  2026-11-02T10:00Z acme feature.interest {"feature": "sso", "user": "ann"}
  2026-11-03T10:00Z acme feature.interest {"feature": "sso", "user": "ann"}
  2026-11-03T10:01Z acme feature.interest {"feature": "reports", "user": "ann"}
  2026-11-03T10:02Z acme feature.interest {"feature": "sso"} at=2026-10-04T23:59:59Z
  2026-11-03T10:03Z acme feature.interest {"feature": "sso"}
    fired wanted/acme/3/2026-11-01#1 account_change 3
  2026-12-01T23:59:59Z tick
  2026-12-02T00:00Z tick
    resolved wanted/acme/3/2026-11-01#1/resolved signal_returned 2
  2026-12-02T10:00Z acme feature.interest {"feature": "sso"} at=2026-11-10T10:00Z
    fired wanted/acme/3/2026-12-01#1 account_change 3

story interest ahead of the clock counts when its day begins
  2026-11-02T23:58Z acme feature.interest {"feature": "sso"}
  2026-11-02T23:58Z acme feature.interest {"feature": "sso"}
  2026-11-02T23:58Z acme feature.interest {"feature": "sso"} at=2026-11-03T00:01Z
  2026-11-02T23:59:59Z tick
  2026-11-03T00:00Z tick
    fired wanted/acme/3/2026-11-01#1 time 3

story a milestone is reached once
  2026-11-02T10:00Z acme milestone.achieved {"milestone": "other"}
  2026-11-02T10:01Z acme milestone.achieved {"milestone": "first_report"}
    fired value/acme/1/2026-11-01#1 account_change 1
  2026-11-02T10:02Z acme milestone.achieved {"milestone": "first_report"}

# 23:30Z on the 2nd is the 3rd in Berlin; thirty days later is 3 December, which begins at 23:00Z.
story executives are counted from local midnight
  2026-11-01T10:00Z acme subscription.created {"timezone": "Europe/Berlin"}
  2026-11-02T23:30Z acme engagement.executive {"person": "cfo"}
  2026-11-02T23:31Z acme engagement.executive {} at=2026-10-01T00:00Z
  2026-12-02T22:59:59Z tick
  2026-12-02T23:00Z tick
    fired lonely/acme/30d/2026-12-01#1 time 30
  2026-12-05T10:00Z acme engagement.executive {}
    resolved lonely/acme/30d/2026-12-01#1/resolved signal_returned 0

# 10,000 EUR are 11,000 USD: more than 10,500 USD.
story the largest open opportunity, in its own currency
  2026-11-02T10:00Z acme opportunity.stage_changed {"opportunity": "a", "stage": "identified", "kind": "upsell"}
  2026-11-02T10:01Z acme opportunity.stage_changed {"opportunity": "a", "stage": "qualified", "kind": "upsell", "amount": 900000, "currency": "USD"}
  2026-11-02T10:02Z acme opportunity.stage_changed {"opportunity": "b", "stage": "identified", "kind": "new", "amount": 1050000, "currency": "USD"}
    fired large/acme/10000USD/2026-11-01#1 account_change 10500
  2026-11-02T10:03Z acme opportunity.stage_changed {"opportunity": "c", "stage": "engaged", "kind": "new", "amount": 1000000, "currency": "EUR"}
  2026-11-02T10:04Z acme opportunity.stage_changed {"opportunity": "b", "stage": "closed_won", "kind": "new"}
  2026-11-02T10:05Z acme opportunity.stage_changed {"opportunity": "b", "stage": "engaged", "kind": "new"} at=2026-11-02T10:02:30Z
  2026-11-02T10:06Z acme opportunity.stage_changed {"opportunity": "c", "stage": "closed_lost", "kind": "new"}
    resolved large/acme/10000USD/2026-11-01#1/resolved signal_returned 9000
  2026-11-02T10:07Z acme opportunity.stage_changed {"opportunity": "a", "stage": "engaged", "kind": "upsell", "amount": 1000000, "currency": "USD"}
    fired large/acme/10000USD/2026-11-01#2 account_change 10000
  2026-11-02T10:08Z acme opportunity.stage_changed {"opportunity": "a", "stage": "closed_lost", "kind": "upsell"}
    resolved large/acme/10000USD/2026-11-01#2/resolved signal_unknown -

story scores are attributes, the newest whoever says it
  2026-11-02T10:00Z acme feedback.nps {"score": 9, "user": "ann"}
  2026-11-02T10:01Z acme feedback.nps {"score": 3, "user": "bob"} at=2026-11-02T09:00Z
  2026-11-02T10:02Z acme account.updated {"nps": 6}
    fired sad/acme/6/2026-11-01#1 account_change 6
  2026-11-02T10:03Z acme feedback.nps {"score": 7}
    resolved sad/acme/6/2026-11-01#1/resolved signal_returned 7
  2026-11-02T10:04Z acme health.updated {"score": 50}
    fired ill/acme/50/2026-11-01#1 account_change 50
  2026-11-02T10:05Z acme feedback.csat {"score": 4.5}
    fired happy/acme/4%2E5/2026-11-01#1 account_change 4.5
  2026-11-02T10:06Z acme account.updated {"health": null}
    resolved ill/acme/50/2026-11-01#1/resolved signal_unknown -

# One of three events was acme's own; the trial that runs under the stray name is the newer word.
story what was told under a stray name moves with it
  2026-11-02T10:00Z acme feature.interest {"feature": "sso"}
  2026-11-02T10:01Z key-1 feature.interest {"feature": "sso"}
  2026-11-02T10:02Z key-1 feature.interest {"feature": "sso"}
  2026-11-02T10:03Z acme trial.ended {"feature": "sso"}
  2026-11-02T10:04Z key-1 trial.started {"feature": "sso"}
    fired trying/key-1/1/2026-11-01#1 account_change 1
  2026-11-02T10:05Z key-1 opportunity.stage_changed {"opportunity": "a", "stage": "engaged", "kind": "upsell", "amount": 1200000, "currency": "USD"}
    fired large/key-1/10000USD/2026-11-01#1 account_change 12000
  2026-11-02T10:06Z acme opportunity.stage_changed {"opportunity": "a", "stage": "closed_lost", "kind": "upsell"} at=2026-11-02T10:04Z
  2026-11-02T10:07Z acme account.updated {"aliases": ["key-1"]}
    resolved trying/key-1/1/2026-11-01#1/resolved moved 1
    resolved large/key-1/10000USD/2026-11-01#1/resolved moved 12000
    fired trying/acme/1/2026-11-01#1 account_change 1
    fired wanted/acme/3/2026-11-01#1 account_change 3
    fired large/acme/10000USD/2026-11-01#1 account_change 12000
  2026-11-02T10:08Z key-1 trial.ended {"feature": "sso"}
    resolved trying/acme/1/2026-11-01#1/resolved signal_returned 0

story erased: all of it is forgotten
  2026-11-02T10:00Z acme milestone.achieved {"milestone": "first_report"}
    fired value/acme/1/2026-11-01#1 account_change 1
  2026-11-02T10:01Z acme engagement.executive {}
  2026-11-02T10:02Z acme account.erased {}
  2026-11-02T10:03Z acme feature.interest {"feature": "sso"}
  2026-12-10T10:04Z acme milestone.achieved {"milestone": "first_report"}
    fired value/acme/1/2026-12-01#1001 account_change 1
