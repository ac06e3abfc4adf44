-- Takes messages that are due, each hidden for a while, so that a crash gives it to somebody else.
-- KEYS the family   ARGV 1 platform  2 now (ms)  3 hidden until (ms), which is the taker's fence  4 most
-- Answers for each its record, and when an earlier try began that may have posted it ("" for none).
local family, now = KEYS[1], ARGV[2]
local due = family .. "due:" .. ARGV[1]
local taken = {}
for _, id in ipairs(redis.call("ZRANGEBYSCORE", due, "-inf", now, "LIMIT", 0, ARGV[4])) do
  local record = redis.call("GET", family .. "row:" .. id)
  if record then
    redis.call("ZADD", due, ARGV[3], id)
    redis.call("ZADD", family .. "busy", ARGV[3], id)
    redis.call("SREM", family .. "again", id)
    local tried = redis.call("HGET", family .. "tried", id)
    if not tried then redis.call("HSET", family .. "tried", id, now) end
    taken[#taken + 1] = { record, tried or "" }
  else
    redis.call("ZREM", due, id)
    redis.call("ZREM", family .. "busy", id)
    redis.call("SREM", family .. "again", id)
    redis.call("HDEL", family .. "tried", id)
  end
end
return taken
