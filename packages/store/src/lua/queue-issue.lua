-- Gives waiting tasks their tickets, before BullMQ carries them, and keeps what that changes of the shares.
-- ARGV 1 number of accounts, then for each its name and what it has spent; then the number of members that were passed, then for each
-- its name and how often in all; then for each pick its member and active record
-- Answers for each pick 1, or 0 when it does not wait any more.
local at = 2
for _ = 1, tonumber(ARGV[1]) do
  redis.call("HSET", family .. "spent", ARGV[at], ARGV[at + 1])
  at = at + 2
end
at = at + 1
for _ = 1, tonumber(ARGV[at - 1]) do
  if redis.call("ZSCORE", family .. "line", ARGV[at]) then redis.call("HSET", family .. "passed", ARGV[at], ARGV[at + 1]) end
  at = at + 2
end
local answers = {}
for i = at, #ARGV, 2 do
  local waits = redis.call("ZSCORE", family .. "line", ARGV[i])
  local entry = entryOf(ARGV[i])
  if waits and entry then
    leaveLine(ARGV[i], entry)
    activate(ARGV[i], ARGV[i + 1])
    redis.call("ZADD", family .. "tickets", now, ARGV[i])
    redis.call("SADD", family .. "changed", entry.team)
  elseif entry then
    -- A version before, which knew one line a repo, may have taken it out of that one alone.
    local line = lineOf(entry)
    if redis.call("ZREM", family .. "wait:" .. line, ARGV[i]) == 1 then touched[line] = true end
  end
  answers[#answers + 1] = waits and entry and 1 or 0
end
flush()
return answers
