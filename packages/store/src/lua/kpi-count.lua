-- Adds one fact to the team's KPI buckets and to its cumulative metrics, once for each fact.
-- KEYS the team's family   ARGV 1 task  2 fact  3 number of buckets  4 number of KPI amounts, then for each bucket: its name and ms to
-- keep it; then the KPI amounts: field and whole number…; then those of the cumulative metrics: field and number…
local family = KEYS[1]
local seen = redis.call("HGET", family .. "counted", ARGV[1]) or ""
if string.find(seen, "," .. ARGV[2] .. ",", 1, true) then return 0 end
redis.call("HSET", family .. "counted", ARGV[1], (seen == "" and "," or seen) .. ARGV[2] .. ",")
local buckets = tonumber(ARGV[3])
local amounts = 5 + 2 * buckets
local totals = amounts + 2 * tonumber(ARGV[4])
for b = 0, buckets - 1 do
  local key = family .. "kpi:" .. ARGV[5 + 2 * b]
  for i = amounts, totals - 1, 2 do redis.call("HINCRBY", key, ARGV[i], ARGV[i + 1]) end
  redis.call("PEXPIRE", key, ARGV[6 + 2 * b])
end
for i = totals, #ARGV, 2 do redis.call("HINCRBYFLOAT", family .. "totals", ARGV[i], ARGV[i + 1]) end
return 1
