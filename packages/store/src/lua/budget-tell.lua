-- Tells all webhooks that asked for it that a team's spend has passed a share of its budget: once, whoever sees it and whatever crashes.
-- KEYS the team's family   ARGV 1 month  2 the share's name  3 now (ms)  4 ms to remember it  5 type  6 message  7 its record
-- Answers whether it was not told before.
local family = KEYS[1]
local told = family .. "told:" .. ARGV[1]
if redis.call("HSETNX", told, ARGV[2], ARGV[3]) == 0 then return 0 end
redis.call("PEXPIRE", told, ARGV[4])

-- What asks for repos or labels hears of tasks alone.
local function hears(hook)
  if hook.disabledAt or hook.repos or hook.labels then return false end
  if not hook.events then return true end
  for _, type in ipairs(hook.events) do
    if type == ARGV[5] then return true end
  end
  return false
end

for _, json in ipairs(redis.call("HVALS", family .. "hooks")) do
  local hook = cjson.decode(json).hook
  if hears(hook) then
    local base = family .. "hook:" .. hook.id .. ":"
    redis.call("HSETNX", base .. "messages", ARGV[6], ARGV[7])
    redis.call("ZADD", base .. "due", ARGV[3], ARGV[6])
    redis.call("ZADD", base .. "log", ARGV[3], ARGV[6])
  end
end
-- The senders of webhooks look at the stream's wake-ups.
redis.call("PUBLISH", family .. "live", "wake")
return 1
