-- Publishes live text from the node that also publishes the task's events, so that their order holds.
-- KEYS state   ARGV attempt, channel, message
local state = redis.call("HMGET", KEYS[1], "attempt", "owner")
if state[1] ~= ARGV[1] or state[2] ~= ARGV[1] then return 0 end
redis.call("PUBLISH", ARGV[2], ARGV[3])
return 1
