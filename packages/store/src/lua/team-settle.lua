-- Brings a team's indexes and its stream up to date with tasks that were written. Idempotent; versioned by last event id.
-- KEYS the team's family   ARGV 1 number of tasks, then for each: task, id before, id after, index entries
-- ("index<tab>member", one a line), the dirty mark to clear ("" keeps it), number of events, events…
-- Answers for each task "" or, when events before these are missing in the stream, the last id that is there.
local family = KEYS[1]

local function version(id)
  local a, n = string.match(id, "^(%d+)-(%d+)$")
  return tonumber(a) * 1000000000 + tonumber(n)
end

local function entriesOf(text)
  local entries = {}
  for line in string.gmatch(text, "[^\n]+") do entries[line] = true end
  return entries
end

local function change(command, line)
  local index, member = string.match(line, "^([^\t]+)\t(.+)$")
  if command == "ZADD" then
    redis.call("ZADD", family .. "x:" .. index, 0, member)
  else
    redis.call("ZREM", family .. "x:" .. index, member)
  end
end

local function reindex(before, after)
  local old, new = entriesOf(before), entriesOf(after)
  for line in pairs(old) do
    if not new[line] then change("ZREM", line) end
  end
  for line in pairs(new) do
    if not old[line] then change("ZADD", line) end
  end
end

local answers, streamedAny, at = {}, false, 2
for item = 1, tonumber(ARGV[1]) do
  local task, before, after, index, mark = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local count = tonumber(ARGV[at + 5])
  local record = redis.call("HGET", family .. "tasks", task) or "0-0 0-0\n"
  local indexed, streamed, known = string.match(record, "^(%S+) (%S+)\n(.*)$")
  local answer = ""
  if version(after) > version(indexed) then
    reindex(known, index)
    indexed, known = after, index
  end
  if version(after) > version(streamed) then
    if streamed == before then
      for i = 1, count do
        redis.call("XADD", family .. "events", "MAXLEN", "~", 100000, "*", "t", task, "i", after, "e", ARGV[at + 5 + i])
      end
      streamed, streamedAny = after, true
    else
      answer = streamed
    end
  end
  redis.call("HSET", family .. "tasks", task, indexed .. " " .. streamed .. "\n" .. known)
  if answer == "" and mark ~= "" then redis.call("ZREM", family .. "dirty", mark) end
  answers[item] = answer
  at = at + 6 + count
end
if streamedAny then redis.call("PUBLISH", family .. "live", "wake") end
return answers
