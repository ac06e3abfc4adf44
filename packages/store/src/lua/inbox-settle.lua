-- Says what came of a delivery that was taken: it goes on being worked, comes again later, or is done.
-- KEYS the platform's family   ARGV 1 item  2 fence  3 when it is due again, ms ("" never)  4 its record ("" unchanged)
-- 5 conversation  6 now (ms)  7, 8 marks to forget, so that it may be sent again
-- Answers 0 to one who took it before somebody else did.
local family, item = KEYS[1], ARGV[1]
if redis.call("HGET", family .. "fences", item) ~= ARGV[2] then return 0 end
if ARGV[3] ~= "" then
  if ARGV[4] ~= "" then redis.call("HSET", family .. "items", item, ARGV[4]) end
  redis.call("ZADD", family .. "due", ARGV[3], item)
  return 1
end
redis.call("ZREM", family .. "due", item)
for _, part in ipairs({ "items", "bodies", "fences" }) do redis.call("HDEL", family .. part, item) end
for at = 7, #ARGV do redis.call("DEL", family .. "seen:" .. ARGV[at]) end
local line = family .. "line:" .. ARGV[5]
redis.call("LREM", line, 1, item)
local next = redis.call("LINDEX", line, 0)
if next then
  redis.call("ZADD", family .. "due", "NX", ARGV[6], next)
  redis.call("PUBLISH", family .. "wake", "")
end
return 1
