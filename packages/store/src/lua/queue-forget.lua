-- Forgets a task that the queue was told of ahead of a write that then failed.
-- ARGV member, version that it was told ("" any)   Answers 1, or 0 when a newer write was told meanwhile.
local known = redis.call("HGET", family .. "version", ARGV[1])
if not known or (ARGV[2] ~= "" and known ~= ARGV[2]) then return 0 end
local entry = entryOf(ARGV[1])
if entry then leaveLine(ARGV[1], entry) end
flush()
redis.call("ZREM", family .. "expire", ARGV[1])
deactivate(ARGV[1])
redis.call("HDEL", family .. "entry", ARGV[1])
redis.call("HDEL", family .. "version", ARGV[1])
redis.call("ZREM", family .. "gone", ARGV[1])
return 1
