# A rule that fires for too many accounts at once is stopped, by the wall clock of publishing.
# SEMANTICS 6, Brake, by hand.

config braked
  brake: {accounts: 2, within: 10m}
  rules:
    happy: {watch: account.stars, levels: [4, 5]}
    other: {watch: account.calm, levels: [1]}

# Two are not more than two; the third brakes, and from then on nothing passes, a further level of
# one that fired neither. Other rules go on.
story the rest is held, and fires when it is released, as far as it is still beyond
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:04Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:05Z c account.updated {"stars": 4}
    brake happy 2
  2026-11-02T10:06Z d account.updated {"stars": 5}
  2026-11-02T10:07Z a account.updated {"stars": 5}
  2026-11-02T10:08Z c account.updated {"calm": 1}
    fired other/c/1/2026-11-01#1 account_change 1
  2026-11-02T10:30Z d account.updated {"stars": 3}
  2026-11-03T09:00Z b account.updated {"stars": 3}
    resolved happy/b/4/2026-11-01#1/resolved signal_returned 3
  2026-11-03T11:00Z release happy
    fired happy/a/5/2026-11-01#1 account_change 5
    fired happy/c/4/2026-11-01#1 account_change 4

story what is released does not count; the next storm brakes again, in that hour under the same id
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:05Z c account.updated {"stars": 4}
    brake happy 2
  2026-11-02T10:06Z d account.updated {"stars": 4}
  2026-11-02T10:07Z e account.updated {"stars": 4}
  2026-11-02T10:08Z release happy
    fired happy/c/4/2026-11-01#1 account_change 4
    fired happy/d/4/2026-11-01#1 account_change 4
    fired happy/e/4/2026-11-01#1 account_change 4
  2026-11-02T10:09Z f account.updated {"stars": 4}
    fired happy/f/4/2026-11-01#1 account_change 4
  2026-11-02T10:09Z g account.updated {"stars": 4}
    fired happy/g/4/2026-11-01#1 account_change 4
  2026-11-02T10:10Z h account.updated {"stars": 4}
    brake happy 2

# c's level 4 is claimed: it neither fires nor resolves in this episode. What is new fires.
story what is discarded is claimed, a later crossing fires
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:05Z c account.updated {"stars": 4}
    brake happy 2
  2026-11-02T10:06Z d account.updated {"stars": 4}
  2026-11-02T11:00Z discard happy
  2026-11-02T11:01Z d account.updated {"stars": 3}
  2026-11-02T11:02Z d account.updated {"stars": 4}
    fired happy/d/4/2026-11-01#1 account_change 4
  2026-11-02T11:03Z c account.updated {"stars": 5}
    fired happy/c/5/2026-11-01#1 account_change 5
  2026-11-02T11:04Z c account.updated {"stars": 3}
    resolved happy/c/5/2026-11-01#1/resolved signal_returned 3

# At 10:10 a's fire is exactly 10m old; at 10:13 those of b and c are not.
story what is exactly as old as the time no longer counts
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:04Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:10Z c account.updated {"stars": 4}
    fired happy/c/4/2026-11-01#1 account_change 4
  2026-11-02T10:13Z d account.updated {"stars": 4}
    brake happy 2

story an account that fired within the time is no further account
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:04Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:05Z a account.updated {"stars": 5}
    fired happy/a/5/2026-11-01#1 account_change 5
  2026-11-02T10:14Z c account.updated {"stars": 4}
    fired happy/c/4/2026-11-01#1 account_change 4
  2026-11-02T10:14Z d account.updated {"stars": 4}
    brake happy 2

story a word that was sent before it went on is about an earlier one
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:04Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:05Z c account.updated {"stars": 4}
    brake happy 2
  2026-11-02T10:06Z release happy at=2026-11-02T10:04Z
  2026-11-02T10:07Z release other
  2026-11-02T10:08Z release happy at=2026-11-02T10:05Z
    fired happy/c/4/2026-11-01#1 account_change 4

story without a wall clock there is no brake
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z c account.updated {"stars": 4}
    fired happy/c/4/2026-11-01#1 account_change 4

config unbraked
  rules:
    happy: {watch: account.stars, levels: [4, 5]}
    other: {watch: account.calm, levels: [1]}

config shadowed
  brake: {accounts: 1, within: 10m}
  rules:
    happy: {watch: account.stars, levels: [4], mode: shadow}

story a shadow publishes nothing that could be too much
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4 shadow
  2026-11-02T10:00Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4 shadow

config shared
  brake: {share: 10%, within: 10m}
  rules:
    happy: {watch: account.stars, levels: [4]}

# A tenth of eleven accounts is one; a share is of ten at least.
story a share of the accounts, and no fewer than ten
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z c account.updated {"stars": 4}
    fired happy/c/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z d account.updated {"stars": 4}
    fired happy/d/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z e account.updated {"stars": 4}
    fired happy/e/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z f account.updated {"stars": 4}
    fired happy/f/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z g account.updated {"stars": 4}
    fired happy/g/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z h account.updated {"stars": 4}
    fired happy/h/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z i account.updated {"stars": 4}
    fired happy/i/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z j account.updated {"stars": 4}
    fired happy/j/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z k account.updated {"stars": 4}
    brake happy 10

# Two accounts, or half of them, which are ten at least: two are fewer.
config both
  brake: {accounts: 2, share: 50%, within: 10m}
  rules:
    happy: {watch: account.stars, levels: [4]}

story of a number and a share whichever is less
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:00Z c account.updated {"stars": 4}
    brake happy 2

config unbraked
  rules:
    other: {watch: account.calm, levels: [1]}

# Its record goes and comes within one batch; what counts is that it came: b's is the second fire.
story a rule that is taken out and comes back has a brake anew
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z rules braked
  2026-11-02T10:00Z a account.updated {"stars": 4}
    fired happy/a/4/2026-11-01#1 account_change 4
  2026-11-02T10:01Z rules unbraked
  2026-11-02T10:01Z rules braked
  2026-11-02T10:02Z b account.updated {"stars": 4}
    fired happy/b/4/2026-11-01#1 account_change 4
  2026-11-02T10:03Z c account.updated {"stars": 4}
    fired happy/c/4/2026-11-01#1 account_change 4
  2026-11-02T10:04Z d account.updated {"stars": 4}
    brake happy 2
