-- What the picker decides on: bounded by slots and lines, never by the backlog.
-- ARGV 1 age in ms after which an unclaimed ticket is void  2 heads a line  3 most lines
-- Answers {now, paused, {worker…}, {active…}, {{line, entry…}…}, {limit, value…}, {paused repo…}, {account, spent…}, {member, passed…}, {team, its stop…}}
for _, member in ipairs(redis.call("ZRANGEBYSCORE", family .. "later", "-inf", now, "LIMIT", 0, 200)) do
  local entry = entryOf(member)
  redis.call("ZREM", family .. "later", member)
  if entry then enterLine(member, entry) end
end

for _, member in ipairs(redis.call("ZRANGEBYSCORE", family .. "tickets", "-inf", now - tonumber(ARGV[1]), "LIMIT", 0, 200)) do
  local entry = entryOf(member)
  if deactivate(member) and entry then enterLine(member, entry) end
end

flush()
local lines = {}
for _, line in ipairs(redis.call("ZRANGE", family .. "repos", 0, tonumber(ARGV[3]) - 1)) do
  local row = { line }
  local members = redis.call("ZRANGE", family .. "wait:" .. line, 0, tonumber(ARGV[2]) - 1)
  if #members > 0 then
    for _, json in ipairs(redis.call("HMGET", family .. "entry", unpack(members))) do
      if json then row[#row + 1] = json end
    end
  end
  lines[#lines + 1] = row
end
return {
  now,
  redis.call("EXISTS", family .. "paused"),
  redis.call("HVALS", family .. "workers"),
  redis.call("HVALS", family .. "active"),
  lines,
  redis.call("HGETALL", family .. "limits"),
  redis.call("SMEMBERS", family .. "paused-repos"),
  #lines > 0 and redis.call("HGETALL", family .. "spent") or {},
  #lines > 0 and redis.call("HGETALL", family .. "passed") or {},
  redis.call("HGETALL", family .. "stops"),
}
