-- Compare and append: the only function that writes a task.
-- KEYS state, log, script, effects
-- ARGV 1 mode: create | write | over ("over": only while no lease is live)
--      2 expected last id   3 attempt ("" is the gateway)   4 claim generation ("" is no claim)
--      5 claiming worker    6 its host                      7 lease in ms
--      8 release ("1" ends the lease)  9 nonce of this write  10 the new fold
--      11 channel           12 effect op ("" is none)       13 effect row
--      14 number of events that come before a claim: they belong to the attempt before
--      15 number of all events   16… events, then transcript entries
-- Answers {"ok", lastId, host} | {"exists"} | {"absent"} | {"stale"} | {"leased"} | {"old"} | {"moved", lastId}
local state = redis.call("HMGET", KEYS[1], "last", "attempt", "owner", "until", "gen", "wn", "wlast", "gn", "glast", "host")
local last, attempt, owner = state[1], tonumber(state[2] or "0"), state[3]
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local mode, writer, generation, nonce = ARGV[1], ARGV[3], ARGV[4], ARGV[9]

-- The answer to this very write was lost: it is not done twice.
if state[6] == nonce then return { "ok", state[7], state[10] } end
if state[8] == nonce then return { "ok", state[9], state[10] } end
if mode == "create" then
  if last then return { "exists" } end
  last = "0-0"
elseif not last then
  return { "absent" }
end

local leased = owner and owner ~= "" and now < tonumber(state[4] or "0")
if writer ~= "" and (tonumber(writer) ~= attempt or owner ~= writer) then return { "stale" } end
if (generation ~= "" or mode == "over") and leased then return { "leased" } end
if generation ~= "" and tonumber(generation) <= tonumber(state[5] or "0") then return { "old" } end
if mode ~= "create" and last ~= ARGV[2] then return { "moved", last } end

-- Stores the events from..to of this write under the attempt's next ids, and publishes them.
local function store(from, to)
  if to < from then return end
  local lastAttempt, lastN = string.match(last, "^(%d+)-(%d+)$")
  local n = 0
  if tonumber(lastAttempt) == attempt then n = tonumber(lastN) end
  local events, size = {}, 0
  for i = from, to do
    n = n + 1
    redis.call("XADD", KEYS[2], attempt .. "-" .. n, "e", ARGV[15 + i])
    events[#events + 1] = ARGV[15 + i]
    size = size + #ARGV[15 + i]
  end
  local head = '{"p":"' .. last .. '","a":' .. attempt .. ',"n":' .. (n - #events + 1)
  -- Large writes are only announced; whoever follows reads them from the log.
  if size <= 65536 then
    redis.call("PUBLISH", ARGV[11], head .. ',"e":[' .. table.concat(events, ",") .. "]}")
  else
    redis.call("PUBLISH", ARGV[11], head .. ',"c":' .. #events .. "}")
  end
  last = attempt .. "-" .. n
end

local lead, count = tonumber(ARGV[14]), tonumber(ARGV[15])
store(1, lead)
if generation ~= "" then attempt = attempt + 1 end
store(lead + 1, count)
for i = 16 + count, #ARGV do redis.call("RPUSH", KEYS[3], ARGV[i]) end
if ARGV[12] ~= "" then redis.call("HSETNX", KEYS[4], ARGV[12], ARGV[13]) end

if generation ~= "" then
  redis.call("HSET", KEYS[1], "last", last, "attempt", attempt, "fold", ARGV[10],
    "owner", attempt, "until", now + tonumber(ARGV[7]), "gen", generation,
    "worker", ARGV[5], "host", ARGV[6], "wn", nonce, "wlast", last)
elseif writer ~= "" then
  redis.call("HSET", KEYS[1], "last", last, "attempt", attempt, "fold", ARGV[10],
    "until", now + tonumber(ARGV[7]), "wn", nonce, "wlast", last)
else
  redis.call("HSET", KEYS[1], "last", last, "attempt", attempt, "fold", ARGV[10], "gn", nonce, "glast", last)
end
if ARGV[8] == "1" and owner then redis.call("HDEL", KEYS[1], "owner", "until") end

local host = state[10]
if generation ~= "" then host = ARGV[6] end
return { "ok", last, host or "" }
