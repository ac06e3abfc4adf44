-- What the picker decides on: bounded by slots and repos, never by the backlog.
-- ARGV 1 age in ms after which an unclaimed ticket is void  2 heads a repo  3 most repos
-- Answers {now, paused, {worker…}, {active…}, {{repo, entry…}…}}
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
local repos = {}
for _, repo in ipairs(redis.call("ZRANGE", family .. "repos", 0, tonumber(ARGV[3]) - 1)) do
  local row = { repo }
  local members = redis.call("ZRANGE", family .. "wait:" .. repo, 0, tonumber(ARGV[2]) - 1)
  if #members > 0 then
    for _, json in ipairs(redis.call("HMGET", family .. "entry", unpack(members))) do
      if json then row[#row + 1] = json end
    end
  end
  repos[#repos + 1] = row
end
local paused = redis.call("EXISTS", family .. "paused")
return { now, paused, redis.call("HVALS", family .. "workers"), redis.call("HVALS", family .. "active"), repos }
