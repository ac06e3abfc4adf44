-- Takes messages that are due, each hidden for a while, so that a crash gives it to somebody else.
-- KEYS the team's family   ARGV 1 hook  2 now (ms)  3 ms to hide them  4 most
-- Answers the records.
local base = KEYS[1] .. "hook:" .. ARGV[1] .. ":"
local records = {}
for _, id in ipairs(redis.call("ZRANGEBYSCORE", base .. "due", "-inf", ARGV[2], "LIMIT", 0, ARGV[4])) do
  local record = redis.call("HGET", base .. "messages", id)
  if record then
    redis.call("ZADD", base .. "due", ARGV[2] + ARGV[3], id)
    records[#records + 1] = record
  else
    redis.call("ZREM", base .. "due", id)
  end
end
return records
