# Renewal windows: by time alone, late, moved, renewed, several subscriptions. SEMANTICS 5 by hand.

config never
  rules:
    renewal: {watch: renewal.days_left, below: [90d, 60d, 30d], category: renewal, late: never}

config windows
  rules:
    renewal: {watch: renewal.days_left, below: [90d, 60d, 30d], category: renewal}

story windows open at local midnight by time alone, also over an outage
  2026-01-10T00:00Z acme subscription.created {"started_at": "2026-01-01", "renewal_date": "2027-01-01", "timezone": "Asia/Tokyo"}
  2026-10-02T14:59Z tick
  2026-10-02T15:00Z tick
    fired renewal/acme/90d/2026-10-01#1 time 90
  2026-12-15T00:00Z tick
    fired renewal/acme/60d/2026-11-01#1 time 60
    fired renewal/acme/30d/2026-12-01#1 time 30
  2027-01-20T00:00Z tick
  2027-01-21T00:00Z acme subscription.renewed {"renewal_date": "2028-01-01"}
    resolved renewal/acme/30d/2026-12-01#1/resolved renewed 345
    resolved renewal/acme/60d/2026-11-01#1/resolved renewed 345
    resolved renewal/acme/90d/2026-10-01#1/resolved renewed 345

story first seen with fewer days left: the furthest passed fires, late, and claims the rest
  2026-11-02T00:00Z acme subscription.created {"started_at": "2026-01-01", "renewal_date": "2026-12-17"}
    fired renewal/acme/60d/2026-11-01#1 account_change 45 late
  2026-11-17T00:00Z tick
    fired renewal/acme/30d/2026-11-01#1 time 30

story first seen on the very day is not late
  2026-11-02T00:00Z acme subscription.created {"started_at": "2026-01-01", "renewal_date": "2027-01-01"}
    fired renewal/acme/60d/2026-11-01#1 account_change 60

story a moved date: what is no longer beyond ends, what is goes on, newly passed is late
  2026-11-02T00:00Z acme subscription.created {"started_at": "2026-01-01", "renewal_date": "2026-12-17"}
    fired renewal/acme/60d/2026-11-01#1 account_change 45 late
  2026-11-03T00:00Z acme subscription.updated {"renewal_date": "2027-01-12"}
    resolved renewal/acme/60d/2026-11-01#1/resolved renewal_moved 70
  2026-11-04T00:00Z acme subscription.updated {"renewal_date": "2026-11-24"}
    fired renewal/acme/30d/2026-11-01#1 renewal_moved 20 late

story a renewal without a date makes it unknown until it comes
  2026-11-02T00:00Z acme subscription.created {"started_at": "2026-01-01", "renewal_date": "2026-12-17"}
    fired renewal/acme/60d/2026-11-01#1 account_change 45 late
  2026-12-17T00:00Z acme subscription.renewed {}
    fired renewal/acme/30d/2026-11-01#1 time 30
    resolved renewal/acme/30d/2026-11-01#1/resolved renewed -
    resolved renewal/acme/60d/2026-11-01#1/resolved renewed -
  2026-12-18T00:00Z acme subscription.updated {"renewal_date": "2027-12-17"}

# The term is 30 days from its start, so 90, 60 and 30 days are void.
story an offset not shorter than the term is void
  2026-11-02T00:00Z acme subscription.created {"started_at": "2026-11-01", "renewal_date": "2026-12-01"}
  2026-11-20T00:00Z tick

story windows open for each subscription, named where there are several
  2026-01-01T00:00Z acme subscription.created {"subscription": "a", "renewal_date": "2027-01-01"}
  2026-01-02T00:00Z acme subscription.created {"subscription": "b", "renewal_date": "2026-12-31"}
  2026-10-03T00:00Z tick
    fired renewal/acme/90d@b/2026-10-01#1 time 90
    fired renewal/acme/90d@a/2026-10-01#1 time 90
  2026-10-04T00:00Z acme subscription.cancelled {"subscription": "b"}
    resolved renewal/acme/90d@b/2026-10-01#1/resolved subscription_ended -
  2026-11-02T00:00Z tick
    fired renewal/acme/60d/2026-11-01#1 time 60

story never: what was passed is claimed, what comes fires
  2026-11-02T00:00Z acme account.updated {"x": 1}
  2026-11-02T00:00Z tick
  2026-11-02T00:00Z rules never
  2026-11-03T00:00Z acme subscription.created {"started_at": "2026-01-01", "renewal_date": "2026-12-17"}
  2026-11-17T00:00Z tick
    fired renewal/acme/30d/2026-11-01#1 time 30

# Midnight of the 1st in UTC is the last of April in New York, where the account is: the term of the
# second one has 60 days all the same, and that of the third 61.
story dates of a term are those that were given, in whichever zone the account is
  2026-04-01T12:00Z acme subscription.created {"subscription": "old", "timezone": "America/New_York"}
  2026-05-01T12:00Z acme subscription.created {"subscription": "two", "started_at": "2026-05-01", "renewal_date": "2026-06-30"}
  2026-05-01T12:01Z acme subscription.created {"subscription": "three", "started_at": "2026-05-01", "renewal_date": "2026-07-01"}
  2026-05-02T12:00Z tick
    fired renewal/acme/60d@three/2026-05-01#1 time 60

config risk
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    unused: {watch: renewal.days_left, below: [60d], when: ["meter.seats.used < 40%"], category: risk}

story a window whose condition does not hold waits, and opens when it does
  2026-01-01T00:00Z acme subscription.created {"limits": {"seats": 100}, "renewal_date": "2027-01-01"}
  2026-01-02T00:00Z acme seats {"n": 50}
  2026-11-02T00:00Z tick
  2026-11-10T00:00Z acme seats {"n": 39}
    fired unused/acme/60d/2026-11-01#1 time 52
  2026-11-11T00:00Z acme seats {"n": 80}
