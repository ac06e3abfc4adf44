-- Counts a team's tasks by status, of those that stand in all of some indexes; a piece at a time, and from then on as they are written.
-- KEYS the team's family   ARGV 1 how many to look at  2 statuses, with blanks between them  3 names of indexes, the same way
-- Answers {"1" when all are counted, the count of each status}
local most, filters = tonumber(ARGV[1]), ARGV[3]
local mostFilters = 64

local function smallest()
  local found, size = nil, nil
  for index in string.gmatch(filters, "%S+") do
    local n = redis.call("ZCARD", family .. "x:" .. index)
    if not size or n < size then found, size = family .. "x:" .. index, n end
  end
  return found
end

local upTo = redis.call("HGET", family .. "counted-filters", filters)
if not upTo then
  if redis.call("HLEN", family .. "counted-filters") >= mostFilters then
    redis.call("DEL", family .. "counted-filters", family .. "counts")
  end
  upTo = ""
end
if upTo ~= "~" then
  local start = upTo == "" and "-" or "(" .. upTo
  local members = redis.call("ZRANGEBYLEX", smallest(), start, "+", "LIMIT", 0, most)
  if #members > 0 then
    local plain = {}
    for _, text in ipairs(redis.call("HMGET", family .. "tasks", unpack(members))) do
      local _, _, entries = parseRecord(text, plain)
      if entries then tally(filters, entries, 1) end
    end
    flushCounts()
  end
  upTo = #members < most and "~" or members[#members]
  redis.call("HSET", family .. "counted-filters", filters, upTo)
end
local answer = { upTo == "~" and "1" or "0" }
for status in string.gmatch(ARGV[2], "%S+") do
  answer[#answer + 1] = redis.call("HGET", family .. "counts", filters .. "|" .. status) or "0"
end
return answer
