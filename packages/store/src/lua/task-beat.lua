-- Proves and extends an attempt's lease.
-- KEYS state   ARGV attempt, lease in ms
-- Answers {"stale"} or {"ok", last id}
local state = redis.call("HMGET", KEYS[1], "attempt", "owner", "last")
if state[1] ~= ARGV[1] or state[2] ~= ARGV[1] then return { "stale" } end
local clock = redis.call("TIME")
redis.call("HSET", KEYS[1], "until", clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(ARGV[2]))
return { "ok", state[3] }
