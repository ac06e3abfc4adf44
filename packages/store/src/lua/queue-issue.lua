-- Gives waiting tasks their tickets, before BullMQ carries them.
-- ARGV for each: member, active record   Answers for each 1, or 0 when it does not wait any more.
local answers = {}
for i = 1, #ARGV, 2 do
  local waits = redis.call("ZSCORE", family .. "line", ARGV[i])
  local entry = waits and entryOf(ARGV[i])
  if entry then
    leaveLine(ARGV[i], entry)
    activate(ARGV[i], ARGV[i + 1])
    redis.call("ZADD", family .. "tickets", now, ARGV[i])
    redis.call("SADD", family .. "changed", entry.team)
  end
  answers[#answers + 1] = entry and 1 or 0
end
flush()
return answers
