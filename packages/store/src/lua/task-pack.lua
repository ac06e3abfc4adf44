-- Takes the newest checkpoint's pack in chunks, fenced by the attempt; it shows only when whole.
-- Attempt 0 saves it before the task is created: it then goes away by itself, unless the creation keeps it.
-- KEYS state, draft, pack, info   ARGV 1 attempt  2 what: first | more | last  3 checkpoint  4 chunk
local early = ARGV[1] == "0"
local keepMs = 24 * 60 * 60 * 1000
local state = redis.call("HMGET", KEYS[1], "attempt", "owner")
if early then
  if state[1] then return 0 end
elseif state[1] ~= ARGV[1] or state[2] ~= ARGV[1] then
  return 0
end
if ARGV[2] == "first" then redis.call("DEL", KEYS[2]) end
if ARGV[2] ~= "last" then
  redis.call("RPUSH", KEYS[2], ARGV[4])
  if early then redis.call("PEXPIRE", KEYS[2], keepMs) end
  return 1
end
redis.call("DEL", KEYS[3])
if redis.call("EXISTS", KEYS[2]) == 1 then redis.call("RENAME", KEYS[2], KEYS[3]) end
redis.call("SET", KEYS[4], ARGV[3])
if early then
  redis.call("PEXPIRE", KEYS[3], keepMs)
  redis.call("PEXPIRE", KEYS[4], keepMs)
end
return 1
