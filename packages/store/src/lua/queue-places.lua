-- Where tasks stand, and what explains it. One that is not due yet stands where it would if it were.   ARGV 1 team  2… members
-- Answers {now, paused, {worker…}, {active…}, {duration…}, waiting of the team, its oldest's queuedAt, its ends of the last hour,
--          {{older of its person and priority, more urgent or older in its repo, entry}…}, in line of all teams,
--          {limit, value…}, {paused repo…}, {account, spent…}, {member, passed…},
--          {{line, how many, first score, urgent, high, normal, low}…}: the last four of the team's own alone, {team, its stop…}}
local rankUnit = 1e13
-- More lines than these are not looked at: places are then told too low.
local mostLines = 1000
local team = ARGV[1]
local asked = #ARGV > 1

local function score(value) return string.format("%.0f", value) end

local lines, byRepo, byPerson = {}, {}, {}
local function into(index, key, line)
  local list = index[key] or {}
  index[key] = list
  list[#list + 1] = line
end
local function readLine(line, count)
  local row = { line, count, redis.call("ZSCORE", family .. "repos", line) or "0" }
  lines[#lines + 1] = row
  local owner, repo, who = string.match(line, "^([^/]+)/([^/]+)/?(.*)$")
  if owner ~= team then return end
  into(byRepo, repo, line)
  into(byPerson, who, line)
  for rank = 1, 4 do
    row[#row + 1] = redis.call("ZCOUNT", family .. "wait:" .. line, score(rank * rankUnit), "(" .. score((rank + 1) * rankUnit))
  end
end
local function countIn(names, from, to)
  local sum = 0
  for _, line in ipairs(names or {}) do sum = sum + redis.call("ZCOUNT", family .. "wait:" .. line, from, to) end
  return sum
end

local mostTies = 100
local function sameBefore(line, at, member)
  local before = 0
  for _, other in ipairs(redis.call("ZRANGEBYSCORE", family .. "wait:" .. line, at, at, "LIMIT", 0, mostTies)) do
    if other < member then before = before + 1 end
  end
  return before
end

-- Older ones of an entry's person and priority, a line after the other. Of the same millisecond they go by their names.
local function olderOne(entry, first, member)
  local own, before = lineOf(entry), "(" .. score(entry.score)
  local rank = redis.call("ZRANK", family .. "wait:" .. own, member)
  local ties = rank and rank - redis.call("ZCOUNT", family .. "wait:" .. own, "-inf", before) or 0
  for _, line in ipairs(byPerson[entry.who or ""] or {}) do
    if line ~= own then ties = ties + sameBefore(line, score(entry.score), member) end
  end
  return countIn(byPerson[entry.who or ""], score(first), before) + ties
end

-- The same for those of one person and priority at once: a page has neighbours, and between the first and the last of them stand few others.
local mostBetween = 500
local function olderEach(group, older)
  local names, low, high = byPerson[group.who] or {}, nil, nil
  for _, asked in ipairs(group) do
    low = math.min(low or asked.entry.score, asked.entry.score)
    high = math.max(high or asked.entry.score, asked.entry.score)
  end
  if #group < 2 or countIn(names, score(low), score(high)) > mostBetween then
    for _, asked in ipairs(group) do older[asked.member] = olderOne(asked.entry, group.first, asked.member) end
    return
  end
  local sum = countIn(names, score(group.first), "(" .. score(low))
  local members, scores = {}, {}
  for _, line in ipairs(names) do
    local found = redis.call("ZRANGEBYSCORE", family .. "wait:" .. line, score(low), score(high), "WITHSCORES")
    for i = 1, #found, 2 do
      members[#members + 1] = found[i]
      scores[#scores + 1] = tonumber(found[i + 1])
    end
  end
  for _, asked in ipairs(group) do
    local before, at = sum, asked.entry.score
    for i, other in ipairs(members) do
      if scores[i] < at or (scores[i] == at and other < asked.member) then before = before + 1 end
    end
    older[asked.member] = before
  end
end

local places = {}
if asked then
  local found = redis.call("ZRANGE", family .. "lines", 0, mostLines - 1, "WITHSCORES")
  for i = 1, #found, 2 do readLine(found[i], found[i + 1]) end
  local entries, groups, order, older = {}, {}, {}, {}
  local jsons = redis.call("HMGET", family .. "entry", unpack(ARGV, 2))
  for i, json in ipairs(jsons) do
    if json then
      local entry = cjson.decode(json)
      local first = math.floor(entry.score / rankUnit) * rankUnit
      local key = score(first) .. " " .. (entry.who or "")
      if not groups[key] then
        groups[key] = { who = entry.who or "", first = first }
        order[#order + 1] = key
      end
      local group = groups[key]
      group[#group + 1] = { entry = entry, member = ARGV[i + 1] }
      entries[i] = entry
    end
  end
  for _, key in ipairs(order) do olderEach(groups[key], older) end
  for i, json in ipairs(jsons) do
    local entry = entries[i]
    if entry then
      places[i] = { older[ARGV[i + 1]], countIn(byRepo[entry.repo], "-inf", "(" .. score(entry.score)), json }
    else
      places[i] = {}
    end
  end
end
local ends = 0
local rates = redis.call("HGETALL", family .. "rate:" .. team)
for i = 1, #rates, 2 do
  if tonumber(rates[i]) > math.floor(now / 60000) - 60 then ends = ends + tonumber(rates[i + 1]) end
end
local oldest = redis.call("ZRANGE", family .. "age:" .. team, 0, 0, "WITHSCORES")
return {
  now,
  redis.call("EXISTS", family .. "paused"),
  redis.call("HVALS", family .. "workers"),
  redis.call("HVALS", family .. "active"),
  redis.call("LRANGE", family .. "durations", 0, -1),
  redis.call("ZCARD", family .. "age:" .. team),
  oldest[2] or "",
  ends,
  places,
  redis.call("ZCARD", family .. "line"),
  redis.call("HGETALL", family .. "limits"),
  redis.call("SMEMBERS", family .. "paused-repos"),
  asked and redis.call("HGETALL", family .. "spent") or {},
  asked and redis.call("HGETALL", family .. "passed") or {},
  lines,
  redis.call("HGETALL", family .. "stops"),
}
