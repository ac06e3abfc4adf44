-- Shared by the scripts that read a team's records of its tasks. A record is "<indexed up to> <streamed up to>", and on the next lines the
-- task's index entries. One of a task that left Redis is short: "<last event id> #<entries>", both of it up to there; an entry is the number
-- that the team's hash "codes" has for it, or itself, and a comma stands between two.
local family = KEYS[1]

-- Answers indexed, streamed, entries; nil where there is no record. `plain` has the entries of numbers that were looked up.
local function parseRecord(text, plain)
  if not text then return nil end
  local indexed, streamed, entries = string.match(text, "^(%S+) (%S+)\n(.*)$")
  if indexed then return indexed, streamed, entries end
  local last, short = string.match(text, "^(%S+) #(.*)$")
  local lines = {}
  for part in string.gmatch(short, "[^,]+") do
    if string.match(part, "^%d+$") then
      if not plain[part] then plain[part] = redis.call("HGET", family .. "codes", part) end
      part = plain[part]
    end
    lines[#lines + 1] = part
  end
  return last, last, table.concat(lines, "\n")
end

-- How many tasks stand in each status, of those that some filters leave: the hash "counts" has it under "<filters>|<status>". Filters are
-- names of indexes with blanks between them; "counted" says for each of these how far it was counted: up to that member, or "~": all.
local deltas, counted = {}, nil

local function tally(filters, entries, by)
  local framed = "\n" .. entries .. "\n"
  for index in string.gmatch(filters, "%S+") do
    if not string.find(framed, "\n" .. index .. "\n", 1, true) then return end
  end
  local status = string.match(framed, "\nstatus:([^\n]+)\n")
  if not status then return end
  local field = filters .. "|" .. status
  deltas[field] = (deltas[field] or 0) + by
end

-- A task's entries change, in what was counted so far.
local function recount(task, before, after)
  if not counted then counted = redis.call("HGETALL", family .. "counted-filters") end
  for i = 1, #counted, 2 do
    if counted[i + 1] == "~" or task <= counted[i + 1] then
      tally(counted[i], before, -1)
      tally(counted[i], after, 1)
    end
  end
end

local function flushCounts()
  for field, by in pairs(deltas) do
    if by ~= 0 then redis.call("HINCRBY", family .. "counts", field, by) end
  end
end

