-- Adds one fact's samples to the team's KPI buckets, once for each fact.
-- KEYS the team's family   ARGV 1 task  2 fact  3 number of buckets, then for each: its name and ms to keep it, then field and amount…
local family = KEYS[1]
local seen = redis.call("HGET", family .. "counted", ARGV[1]) or ""
if string.find(seen, "," .. ARGV[2] .. ",", 1, true) then return 0 end
redis.call("HSET", family .. "counted", ARGV[1], (seen == "" and "," or seen) .. ARGV[2] .. ",")
local buckets = tonumber(ARGV[3])
for b = 0, buckets - 1 do
  local key = family .. "kpi:" .. ARGV[4 + 2 * b]
  for i = 4 + 2 * buckets, #ARGV, 2 do redis.call("HINCRBY", key, ARGV[i], ARGV[i + 1]) end
  redis.call("PEXPIRE", key, ARGV[5 + 2 * b])
end
return 1
