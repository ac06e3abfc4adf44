-- Keeps a delivery that came in, once.
-- KEYS the platform's family   ARGV 1 item  2 mark of its id  3 mark of its body  4 record  5 raw body  6 conversation  7 now (ms)
-- 8 ms to remember the marks  9 most that may wait
-- Answers 1, 0 when its id or its body came before, or -1 when too many wait.
local family, item = KEYS[1], ARGV[1]
local id, body = family .. "seen:" .. ARGV[2], family .. "seen:" .. ARGV[3]
if redis.call("EXISTS", id) == 1 or redis.call("EXISTS", body) == 1 then return 0 end
if redis.call("HLEN", family .. "items") >= tonumber(ARGV[9]) then return -1 end
redis.call("SET", id, item, "PX", ARGV[8])
redis.call("SET", body, item, "PX", ARGV[8])
redis.call("HSET", family .. "items", item, ARGV[4])
redis.call("HSET", family .. "bodies", item, ARGV[5])
-- Only the first of a conversation is due: the others follow when it is done.
if redis.call("RPUSH", family .. "line:" .. ARGV[6], item) == 1 then
  redis.call("ZADD", family .. "due", ARGV[7], item)
  redis.call("PUBLISH", family .. "wake", "")
end
return 1
