-- Brings a team's indexes and its stream up to date with tasks that were written. Idempotent; versioned by last event id. What several
-- tasks add to one index goes there in one command.
-- KEYS the team's family   ARGV 1 number of writes, then for each: task, id before, id after, index entries ("index", or
-- "index<tab>member" where the member is not the task itself, one a line), the dirty mark to clear ("" keeps it), events as a JSON
-- list ("" is none)
-- Answers for each write "" or, when events before these are missing in the stream, the last id that is there.
local count = tonumber(ARGV[1])

local function version(id)
  local a, n = string.match(id, "^(%d+)-(%d+)$")
  return tonumber(a) * 1e9 + tonumber(n)
end

local names, records, plain = {}, {}, {}
for item = 1, count do
  local task = ARGV[6 * item - 4]
  if not records[task] then
    names[#names + 1] = task
    records[task] = {}
  end
end
for i, text in ipairs(redis.call("HMGET", family .. "tasks", unpack(names))) do
  local record = records[names[i]]
  record.indexed, record.streamed, record.entries = parseRecord(text or "0-0 0-0\n", plain)
  record.before = record.entries
end

local answers, marks, streamedAny = {}, {}, false
for item = 1, count do
  local at = 6 * item - 4
  local task, before, after, mark, events = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 4], ARGV[at + 5]
  local record = records[task]
  local answer = ""
  if version(after) > version(record.indexed) then
    record.indexed, record.entries = after, ARGV[at + 3]
  end
  if version(after) > version(record.streamed) then
    if record.streamed == before then
      if events ~= "" then
        redis.call("XADD", family .. "events", "MAXLEN", "~", 100000, "*", "t", task, "i", after, "e", events)
      end
      record.streamed, streamedAny = after, true
    else
      answer = record.streamed
    end
  end
  if answer == "" and mark ~= "" then marks[#marks + 1] = mark end
  answers[item] = answer
end

local adds, removes = {}, {}
-- Sorts by index what stands in `lines` and not in `known`, both a line for each entry; an entry without a member is of the task itself.
local function gather(into, task, lines, known)
  for line in string.gmatch(lines, "[^\n]+") do
    if known == "" or not string.find(known, "\n" .. line .. "\n", 1, true) then
      local tab = string.find(line, "\t", 1, true)
      local index, member = line, task
      if tab then index, member = string.sub(line, 1, tab - 1), string.sub(line, tab + 1) end
      local list = into[index]
      if not list then
        list = {}
        into[index] = list
      end
      if into == adds then list[#list + 1] = 0 end
      list[#list + 1] = member
    end
  end
end
local rows = {}
for _, task in ipairs(names) do
  local record = records[task]
  if record.entries ~= record.before then
    recount(task, record.before, record.entries)
    local framed = record.before == "" and "" or "\n" .. record.before .. "\n"
    gather(adds, task, record.entries, framed)
    if framed ~= "" then gather(removes, task, record.before, "\n" .. record.entries .. "\n") end
  end
  rows[#rows + 1] = task
  rows[#rows + 1] = record.indexed .. " " .. record.streamed .. "\n" .. record.entries
end
for index, members in pairs(removes) do redis.call("ZREM", family .. "x:" .. index, unpack(members)) end
for index, members in pairs(adds) do redis.call("ZADD", family .. "x:" .. index, unpack(members)) end
redis.call("HSET", family .. "tasks", unpack(rows))
flushCounts()
if #marks > 0 then redis.call("ZREM", family .. "dirty", unpack(marks)) end
if streamedAny then redis.call("PUBLISH", family .. "live", "wake") end
return answers
