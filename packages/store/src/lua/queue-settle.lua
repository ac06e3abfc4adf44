-- Says where tasks stand in the queue. Idempotent; versioned by last event id.
-- ARGV 1 "1" publishes a wake-up for the picker  2 number of tasks, then for each:
-- member, version, place (wait | ticket | run | none), entry, active record, durations of turns that ended ("," between)
-- Answers whether the picker has something to do.
local function toWait(member, json)
  local entry = cjson.decode(json)
  redis.call("HSET", family .. "entry", member, json)
  if entry.notBefore and entry.notBefore > now then
    redis.call("ZADD", family .. "later", entry.notBefore, member)
    redis.call("ZADD", family .. "age:" .. entry.team, entry.queuedAt, member)
  else
    enterLine(member, entry)
  end
end

local function countEnds(team, durations)
  for duration in string.gmatch(durations, "[^,]+") do
    redis.call("LPUSH", family .. "durations", duration)
    redis.call("HINCRBY", family .. "rate:" .. team, math.floor(now / 60000), 1)
  end
  if durations == "" then return end
  redis.call("LTRIM", family .. "durations", 0, 49)
  for _, minute in ipairs(redis.call("HKEYS", family .. "rate:" .. team)) do
    if tonumber(minute) < math.floor(now / 60000) - 60 then redis.call("HDEL", family .. "rate:" .. team, minute) end
  end
end

local work, at = false, 3
for _ = 1, tonumber(ARGV[2]) do
  local member, version, place, json = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]
  local known = tonumber(redis.call("HGET", family .. "version", member) or "0")
  if version > known then
    local old = entryOf(member)
    if old then leaveLine(member, old) end
    local wasActive = deactivate(member)
    if place == "none" then
      redis.call("HDEL", family .. "entry", member)
      -- The version stays a while, so that a late settling of an older write changes nothing.
      redis.call("ZADD", family .. "gone", now, member)
    else
      redis.call("ZREM", family .. "gone", member)
    end
    if place == "wait" then toWait(member, json) end
    if place == "run" or place == "ticket" then
      redis.call("HSET", family .. "entry", member, json)
      activate(member, ARGV[at + 4])
    end
    if place == "ticket" then redis.call("ZADD", family .. "tickets", now, member) end
    redis.call("HSET", family .. "version", member, version)
    local team = string.match(member, "^([^/]+)/")
    countEnds(team, ARGV[at + 5])
    redis.call("SADD", family .. "changed", team)
    if place == "wait" or (wasActive and place ~= "run") then work = true end
  end
  at = at + 6
end
if work and ARGV[1] == "1" then redis.call("PUBLISH", family .. "wake", "") end
return work and 1 or 0
