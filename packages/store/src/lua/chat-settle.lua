-- Keeps what came of a try.
-- KEYS the family   ARGV 1 platform  2 id  3 the taker's fence  4 record  5 when it is due again, ms ("" at its next change)
-- 6 now (ms)  7 ms that it rests before it may be due  8 "1" when it may have been posted  9 ms to keep it
-- Answers whether it did: not when somebody else has it.
local family, id = KEYS[1], ARGV[2]
local due = family .. "due:" .. ARGV[1]
if tonumber(redis.call("ZSCORE", family .. "busy", id) or "0") ~= tonumber(ARGV[3]) then return 0 end
redis.call("ZREM", family .. "busy", id)
redis.call("SET", family .. "row:" .. id, ARGV[4], "PX", ARGV[9])
if ARGV[8] ~= "1" then redis.call("HDEL", family .. "tried", id) end
local rest = tonumber(ARGV[7])
if rest > 0 then redis.call("SET", family .. "rest:" .. id, "1", "PX", rest) end
local again = redis.call("SREM", family .. "again", id) == 1
if ARGV[5] ~= "" then
  redis.call("ZADD", due, ARGV[5], id)
elseif again then
  redis.call("ZADD", due, tonumber(ARGV[6]) + rest, id)
else
  redis.call("ZREM", due, id)
end
return 1
