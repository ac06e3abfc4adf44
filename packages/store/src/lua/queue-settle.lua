-- Says where tasks stand in the queue. Idempotent; versioned by last event id.
-- ARGV 1 "1" publishes a wake-up for the picker  2 number of tasks, then for each:
-- member, version, place (wait | ticket | run | none), entry, active record, durations of turns that ended ("," between)
-- Answers whether the picker has something to do.
local function toWait(member, json)
  local entry = cjson.decode(json)
  if entry.startBy then add("expire", entry.startBy, member) end
  -- What waits for other tasks stands behind all times, until it is queued again without them.
  local dueAt = entry.after and 9e15 or entry.notBefore
  if dueAt and dueAt > now then
    add("later", dueAt, member)
    add("age:" .. entry.team, entry.queuedAt, member)
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

-- New entries by member.
local entries = {}

-- Takes out what the queue knew of a task before; answers whether it was active. What is active stands in no line.
local function leave(member, place)
  redis.call("ZREM", family .. "expire", member)
  local wasActive = deactivate(member)
  if not wasActive then
    local old = entries[member] and cjson.decode(entries[member]) or entryOf(member)
    if old then leaveLine(member, old) end
  end
  if place == "none" then
    entries[member] = nil
    redis.call("HDEL", family .. "entry", member)
    -- The version stays a while, so that a late settling of an older write changes nothing.
    redis.call("ZADD", family .. "gone", now, member)
  elseif not wasActive then
    redis.call("ZREM", family .. "gone", member)
  end
  return wasActive
end

local members, rows = {}, tonumber(ARGV[2])
for item = 1, rows do members[item] = ARGV[6 * item - 3] end
local known = {}
for item, version in ipairs(redis.call("HMGET", family .. "version", unpack(members))) do
  known[members[item]] = tonumber(version or "0")
end

local work, teams, versions = false, {}, {}
for item = 1, rows do
  local at = 6 * item - 3
  local member, version, place, json = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]
  if version > known[member] then
    -- A new task leaves nothing behind: most of a batch's are new.
    local wasActive = false
    if known[member] > 0 or place == "none" then wasActive = leave(member, place) end
    if place ~= "none" then entries[member] = json end
    if place == "wait" then toWait(member, json) end
    if place == "run" or place == "ticket" then activate(member, ARGV[at + 4]) end
    if place == "ticket" then redis.call("ZADD", family .. "tickets", now, member) end
    known[member] = version
    versions[#versions + 1] = member
    versions[#versions + 1] = ARGV[at + 1]
    local team = string.match(member, "^([^/]+)/")
    if ARGV[at + 5] ~= "" then countEnds(team, ARGV[at + 5]) end
    teams[team] = true
    if place == "wait" or (wasActive and place ~= "run") then work = true end
  end
end
flush()
local fields = {}
for member, json in pairs(entries) do
  fields[#fields + 1] = member
  fields[#fields + 1] = json
end
if #fields > 0 then redis.call("HSET", family .. "entry", unpack(fields)) end
if #versions > 0 then redis.call("HSET", family .. "version", unpack(versions)) end
for team in pairs(teams) do redis.call("SADD", family .. "changed", team) end
if work and ARGV[1] == "1" then redis.call("PUBLISH", family .. "wake", "") end
return work and 1 or 0
