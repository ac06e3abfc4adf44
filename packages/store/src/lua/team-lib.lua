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

