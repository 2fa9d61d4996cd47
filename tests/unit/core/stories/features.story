# Uses of features: SEMANTICS 3 by hand.

config features
  features:
    dashboards: {event: dashboard.opened, trial: premium}
    exports:    {event: export.made, trial: premium}
    reports:    {event: report.read}
  rules:
    valued: {watch: feature.dashboards.uses.7d, levels: [3]}
    daily:  {watch: feature.dashboards.days_active.7d, levels: [2, 3], jump: each}
    gone:   {watch: feature.dashboards.uses.7d, below: [0], category: risk}
    tried:  {watch: trial.uses.7d, levels: [4]}
    reads:  {watch: trial.uses.7d, levels: [2], when: ["trial.reports = 1"]}

# Days: what was on the 2nd leaves at the end of the 8th. The day itself counts.
story uses, and days with use
  2026-11-02T10:00Z acme dashboard.opened {}
  2026-11-02T11:00Z acme dashboard.opened {}
  2026-11-03T10:00Z acme dashboard.opened {}
    fired valued/acme/3/2026-11-01#1 usage 3
    fired daily/acme/2/2026-11-01#1 usage 2
  2026-11-05T00:00Z acme dashboard.opened {}
    fired daily/acme/3/2026-11-01#1 usage 3
  2026-11-09T00:00Z tick
    resolved valued/acme/3/2026-11-01#1/resolved usage_decreased 2
    resolved daily/acme/3/2026-11-01#1/resolved usage_decreased 2
  2026-11-10T00:00Z tick
    resolved daily/acme/2/2026-11-01#1/resolved usage_decreased 1
  2026-11-12T00:00Z tick
    fired gone/acme/0/2026-11-01#1 time 0
  2026-11-12T10:00Z acme dashboard.opened {}
    resolved gone/acme/0/2026-11-01#1/resolved usage_increased 1

# Uses before the trial count as soon as it runs, of the features that it is about: two dashboards and
# two exports. Its end is the midnight of its date.
story uses in trials that run now
  2026-11-02T10:00Z acme dashboard.opened {}
  2026-11-02T10:01Z acme export.made {}
  2026-11-02T10:02Z acme report.read {}
  2026-11-02T10:03Z acme dashboard.opened {}
  2026-11-02T10:04Z acme trial.started {"feature": "premium", "ends_at": "2026-11-05"}
  2026-11-02T10:05Z acme export.made {}
    fired tried/acme/4/2026-11-01#1 usage 4
  2026-11-02T10:06Z acme trial.started {"feature": "reports"}
    fired reads/acme/2/2026-11-01#1 account_change 5
  2026-11-05T00:00Z tick
    resolved tried/acme/4/2026-11-01#1/resolved signal_returned 1
    resolved reads/acme/2/2026-11-01#1/resolved signal_returned 1
  2026-11-06T00:00Z acme report.read {}
    fired reads/acme/2/2026-11-01#2 usage 2
  2026-11-09T00:00Z tick
    resolved reads/acme/2/2026-11-01#2/resolved signal_returned 1
    fired gone/acme/0/2026-11-01#1 time 0
