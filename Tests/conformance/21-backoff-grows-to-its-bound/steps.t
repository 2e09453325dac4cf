Backoff doubles up to its bound and never above it
source: pebble TestCalculateNextBackoff, TestGetJitter

  $ boot
  $ is crash cooldown
  $ events --type instance --worker crash | grep -oE '(restarting|cooldown|cooling).*'
  restarting in 0.1s
  restarting in 0.2s
  restarting in 0.4s
  restarting in 0.4s
  restarting in 0.4s
  cooldown crash crash@1 crashed (exit 5), crash 6/6, cooling down for 10m
