-- Publishes live text from the node that also publishes the tasks' events, so that their order holds.
-- KEYS a state for each task   ARGV for each task: attempt, channel, message
for i, key in ipairs(KEYS) do
  local attempt = ARGV[3 * i - 2]
  local state = redis.call("HMGET", key, "attempt", "owner")
  if state[1] == attempt and state[2] == attempt then redis.call("PUBLISH", ARGV[3 * i - 1], ARGV[3 * i]) end
end
