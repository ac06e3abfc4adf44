-- Where tasks stand, and what explains it. One that is not due yet stands where it would if it were.   ARGV 1 team  2… members
-- Answers {now, paused, {worker…}, {active…}, {duration…}, waiting of the team, its oldest's queuedAt, its ends of the last hour,
--          {{rank in line, rank in repo, entry}…}}
local team = ARGV[1]
local places = {}
local entries = #ARGV > 1 and redis.call("HMGET", family .. "entry", unpack(ARGV, 2)) or {}
for i, json in ipairs(entries) do
  local member = ARGV[i + 1]
  if json then
    local entry = cjson.decode(json)
    places[i] = {
      redis.call("ZRANK", family .. "line", member)
        or redis.call("ZCOUNT", family .. "line", "-inf", string.format("(%.0f", entry.score)),
      redis.call("ZRANK", family .. "wait:" .. entry.team .. "/" .. entry.repo, member) or -1,
      json,
    }
  else
    places[i] = {}
  end
end
local ends = 0
local rates = redis.call("HGETALL", family .. "rate:" .. team)
for i = 1, #rates, 2 do
  if tonumber(rates[i]) > math.floor(now / 60000) - 60 then ends = ends + tonumber(rates[i + 1]) end
end
local oldest = redis.call("ZRANGE", family .. "age:" .. team, 0, 0, "WITHSCORES")
return {
  now,
  redis.call("EXISTS", family .. "paused"),
  redis.call("HVALS", family .. "workers"),
  redis.call("HVALS", family .. "active"),
  redis.call("LRANGE", family .. "durations", 0, -1),
  redis.call("ZCARD", family .. "age:" .. team),
  oldest[2] or "",
  ends,
  places,
}
