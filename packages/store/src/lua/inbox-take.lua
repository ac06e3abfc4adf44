-- Takes deliveries that are due, each hidden for a while, so that a crash gives it to somebody else.
-- KEYS the platform's family   ARGV 1 now (ms)  2 ms to hide them  3 most
-- Answers item, fence and record of each.
local family = KEYS[1]
local taken = {}
for _, item in ipairs(redis.call("ZRANGEBYSCORE", family .. "due", "-inf", ARGV[1], "LIMIT", 0, ARGV[3])) do
  redis.call("ZADD", family .. "due", ARGV[1] + ARGV[2], item)
  taken[#taken + 1] = item
  taken[#taken + 1] = redis.call("HINCRBY", family .. "fences", item, 1)
  taken[#taken + 1] = redis.call("HGET", family .. "items", item) or ""
end
return taken
