-- One idempotency key of one caller, kept for 24 h.
-- KEYS record   ARGV 1 what: reserve | settle | unreserve   2 body hash, or answer   3 subject   4 ms to keep
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if ARGV[1] == "reserve" then
  local record = redis.call("HMGET", KEYS[1], "body", "subject", "answer", "at")
  if not record[1] then
    redis.call("HSET", KEYS[1], "body", ARGV[2], "subject", ARGV[3], "at", now)
    redis.call("PEXPIRE", KEYS[1], ARGV[4])
    return { "new" }
  end
  if record[1] ~= ARGV[2] then return { "conflict" } end
  if record[3] then return { "replay", record[3] } end
  return { "reserved", record[2], now - tonumber(record[4]) }
end
if ARGV[1] == "settle" then
  if redis.call("EXISTS", KEYS[1]) == 0 then return { "absent" } end
  redis.call("HSET", KEYS[1], "answer", ARGV[2])
  return { "ok" }
end
-- What has an answer stays.
if redis.call("HEXISTS", KEYS[1], "answer") == 0 then redis.call("DEL", KEYS[1]) end
return { "ok" }
