-- Moves a webhook's place in its team's stream on, and keeps what there was for it as messages: both or neither.
-- KEYS the team's family   ARGV 1 hook  2 the place it was read from  3 the new place  4 now (ms)  5 most messages that may wait
-- 6… for each message: id, record
-- Answers whether it did: not when the webhook is gone, or somebody else moved its place.
local family, hook = KEYS[1], ARGV[1]
local base = family .. "hook:" .. hook .. ":"
if redis.call("HEXISTS", family .. "hooks", hook) == 0 then return 0 end
if redis.call("GET", base .. "place") ~= ARGV[2] then return 0 end
redis.call("SET", base .. "place", ARGV[3])
for i = 6, #ARGV, 2 do
  if redis.call("HSETNX", base .. "messages", ARGV[i], ARGV[i + 1]) == 1 then
    redis.call("ZADD", base .. "due", ARGV[4], ARGV[i])
    redis.call("ZADD", base .. "log", ARGV[4], ARGV[i])
  end
end
-- A receiver that was away for long: what would be sent last is the least use.
local over = redis.call("ZCARD", base .. "due") - tonumber(ARGV[5])
if over > 0 then
  for _, id in ipairs(redis.call("ZRANGE", base .. "due", -over, -1)) do
    redis.call("ZREM", base .. "due", id)
    redis.call("ZREM", base .. "log", id)
    redis.call("HDEL", base .. "messages", id)
  end
end
return 1
