-- Forgets a task that was deleted from the archive: its record and all that its indexes say of it. That it is deleted is written down for
-- 30 days, so that each machine takes what it has of it out of its mirrors.
-- KEYS the team's family   ARGV task, last event id that its record must have, repo
-- Answers 1, or 0 when the record is another one by now.
local task = ARGV[1]
local indexed, _, entries = parseRecord(redis.call("HGET", family .. "tasks", task), {})
if indexed ~= ARGV[2] then return 0 end
for line in string.gmatch(entries, "[^\n]+") do
  local tab = string.find(line, "\t", 1, true)
  if tab then
    redis.call("ZREM", family .. "x:" .. string.sub(line, 1, tab - 1), string.sub(line, tab + 1))
  else
    redis.call("ZREM", family .. "x:" .. line, task)
  end
end
recount(task, entries, "")
flushCounts()
redis.call("HDEL", family .. "tasks", task)
redis.call("HDEL", family .. "counted", task)
-- In microseconds: no two have the same, and who read up to one goes on behind it.
local clock = redis.call("TIME")
local now = clock[1] * 1000000 + clock[2]
redis.call("ZADD", family .. "dropped", string.format("%.0f", now), ARGV[3] .. "/" .. task)
redis.call("ZREMRANGEBYSCORE", family .. "dropped", "-inf", string.format("%.0f", now - 30 * 86400 * 1000000))
return 1
