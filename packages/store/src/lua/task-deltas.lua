-- Publishes live text from the node that also publishes the tasks' events, so that their order holds.
-- KEYS a state for each task, whose channel has "text" in the place of "state"   ARGV for each task: attempt, message
for i, key in ipairs(KEYS) do
  local attempt = ARGV[2 * i - 1]
  local state = redis.call("HMGET", key, "attempt", "owner")
  if state[1] == attempt and state[2] == attempt then
    redis.call("PUBLISH", string.sub(key, 1, -6) .. "text", ARGV[2 * i])
  end
end
