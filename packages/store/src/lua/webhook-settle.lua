-- Keeps what came of a try.
-- KEYS the team's family   ARGV 1 hook  2 message  3 its record  4 when it is due again, ms ("" never)  5 now (ms)
-- 6 "1" the try succeeded, "0" it failed, "" there was none  7 most ended messages to keep
local family, hook, id = KEYS[1], ARGV[1], ARGV[2]
local base = family .. "hook:" .. hook .. ":"
-- Of a webhook that was removed meanwhile nothing comes back.
if redis.call("HEXISTS", family .. "hooks", hook) == 0 then return 0 end
redis.call("HSET", base .. "messages", id, ARGV[3])
redis.call("ZADD", base .. "log", "NX", ARGV[5], id)
if ARGV[6] == "1" then redis.call("HSET", base .. "health", "failures", 0) end
if ARGV[6] == "0" then redis.call("HINCRBY", base .. "health", "failures", 1) end
if ARGV[4] ~= "" then
  redis.call("ZREM", base .. "ended", id)
  redis.call("ZADD", base .. "due", ARGV[4], id)
  return 1
end
redis.call("ZREM", base .. "due", id)
redis.call("ZADD", base .. "ended", ARGV[5], id)
for _, old in ipairs(redis.call("ZRANGE", base .. "ended", 0, -1 - tonumber(ARGV[7]))) do
  redis.call("ZREM", base .. "ended", old)
  redis.call("ZREM", base .. "log", old)
  redis.call("HDEL", base .. "messages", old)
end
return 1
