-- Keeps what events mean for conversations, and how far a team's stream was read: both or neither.
-- KEYS the family   ARGV 1 team ("" for changes that come from no event)  2 the place it was read from  3 the new place  4 now (ms)
-- 5 ms to keep  6 changes as JSON: {"fact", talk, field, json, "newest" to write over what is there} {"make", id, record} {"touch", id}
-- A message's id begins with its platform and a slash.
-- Answers whether it did: not when somebody else moved the place.
local family, now, kept = KEYS[1], tonumber(ARGV[4]), ARGV[5]
local events = ARGV[1] ~= ""
if events then
  if redis.call("HGET", family .. "places", ARGV[1]) ~= ARGV[2] then return 0 end
  redis.call("HSET", family .. "places", ARGV[1], ARGV[3])
end
local woken = false
for _, change in ipairs(cjson.decode(ARGV[6])) do
  if change[1] == "fact" then
    if redis.call("EXISTS", change[2]) == 1 then
      redis.call((events or change[5]) and "HSET" or "HSETNX", change[2], change[3], change[4])
      redis.call("PEXPIRE", change[2], kept)
    end
  elseif change[1] == "make" then
    local id = change[2]
    if redis.call("SET", family .. "row:" .. id, change[3], "PX", kept, "NX") then
      redis.call("ZADD", family .. "due:" .. id:match("^%a+"), now, id)
      woken = true
    end
  else
    local id = change[2]
    if redis.call("PEXPIRE", family .. "row:" .. id, kept) == 1 then
      local due = family .. "due:" .. id:match("^%a+")
      if redis.call("ZSCORE", family .. "busy", id) then
        -- Whoever sends it just now looks at it once more: two at a time could leave the older state.
        redis.call("SADD", family .. "again", id)
      elseif not redis.call("ZSCORE", due, id) then
        redis.call("ZADD", due, now + math.max(0, redis.call("PTTL", family .. "rest:" .. id)), id)
        woken = true
      end
    end
  end
end
if woken then redis.call("PUBLISH", family .. "live", "due") end
return 1
