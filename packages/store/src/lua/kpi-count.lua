-- Adds facts to the team's KPI buckets and to its cumulative metrics, each fact once; what several add to one field goes there in one.
-- KEYS the team's family   ARGV 1 number of facts, then for each: task, fact, number of buckets, of KPI amounts, of cumulative ones, of
-- amounts of the month's spend, and the month; for each bucket its name and ms to keep it; then the KPI amounts: field and whole number…;
-- then the cumulative ones: field, number…; then those of the spend: field and whole number…
local family = KEYS[1]
local sums, keeps = {}, {}

local function add(key, field, amount)
  local fields = sums[key]
  if not fields then
    fields = {}
    sums[key] = fields
  end
  fields[field] = (fields[field] or 0) + tonumber(amount)
end

local function firstTime(task, fact)
  local seen = redis.call("HGET", family .. "counted", task) or ""
  if string.find(seen, "," .. fact .. ",", 1, true) then return false end
  redis.call("HSET", family .. "counted", task, (seen == "" and "," or seen) .. fact .. ",")
  return true
end

local keepSpendMs = 400 * 24 * 3600 * 1000
local totalsKey = family .. "totals"
local at = 2
for _ = 1, tonumber(ARGV[1]) do
  local amounts = at + 7 + 2 * tonumber(ARGV[at + 2])
  local totals = amounts + 2 * tonumber(ARGV[at + 3])
  local spend = totals + 2 * tonumber(ARGV[at + 4])
  local over = spend + 2 * tonumber(ARGV[at + 5])
  if firstTime(ARGV[at], ARGV[at + 1]) then
    for b = at + 7, amounts - 1, 2 do
      local key = family .. "kpi:" .. ARGV[b]
      keeps[key] = ARGV[b + 1]
      for i = amounts, totals - 1, 2 do add(key, ARGV[i], ARGV[i + 1]) end
    end
    for i = totals, spend - 1, 2 do add(totalsKey, ARGV[i], ARGV[i + 1]) end
    local month = family .. "spend:" .. ARGV[at + 6]
    for i = spend, over - 1, 2 do
      keeps[month] = keepSpendMs
      add(month, ARGV[i], ARGV[i + 1])
    end
  end
  at = over
end

for key, fields in pairs(sums) do
  local command = key == totalsKey and "HINCRBYFLOAT" or "HINCRBY"
  for field, amount in pairs(fields) do redis.call(command, key, field, amount) end
  if keeps[key] then redis.call("PEXPIRE", key, keeps[key]) end
end
