-- Makes records of tasks that left Redis short. A record that is short already, or not streamed as far as it is indexed, stays as it is.
-- KEYS the team's family   ARGV tasks
local codes = {}

-- What many tasks share has a number; a label may be one task's alone.
local function codeOf(entry)
  if not (entry == "all" or string.match(entry, "^lane:") or string.match(entry, "^status:")
    or string.match(entry, "^repo:") or string.match(entry, "^by:")) then return entry end
  if not codes[entry] then
    local code = redis.call("HGET", family .. "codes", entry)
    if not code then
      -- Each has two fields: its number by its text, and the other way.
      code = tostring(redis.call("HLEN", family .. "codes") / 2)
      redis.call("HSET", family .. "codes", entry, code, code, entry)
    end
    codes[entry] = code
  end
  return codes[entry]
end

local rows = {}
for i, text in ipairs(redis.call("HMGET", family .. "tasks", unpack(ARGV))) do
  local indexed, streamed, entries = string.match(text or "", "^(%S+) (%S+)\n(.*)$")
  if indexed and indexed == streamed then
    local parts = {}
    for entry in string.gmatch(entries, "[^\n]+") do parts[#parts + 1] = codeOf(entry) end
    rows[#rows + 1] = ARGV[i]
    rows[#rows + 1] = indexed .. " #" .. table.concat(parts, ",")
  end
end
if #rows > 0 then redis.call("HSET", family .. "tasks", unpack(rows)) end
return #rows / 2
