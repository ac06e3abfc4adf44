-- What a lane's lines are, for counting what could run: as many commands at any backlog.
-- ARGV 1 most lines
-- Answers {now, paused, {worker…}, {active…}, {line, first score…}, {how many…}, {limit, value…}, {paused repo…}, {team, its stop…}}
local firsts = redis.call("ZRANGE", family .. "repos", 0, tonumber(ARGV[1]) - 1, "WITHSCORES")
local lines = {}
for i = 1, #firsts, 2 do lines[#lines + 1] = firsts[i] end
return {
  now,
  redis.call("EXISTS", family .. "paused"),
  redis.call("HVALS", family .. "workers"),
  redis.call("HVALS", family .. "active"),
  firsts,
  #lines > 0 and redis.call("ZMSCORE", family .. "lines", unpack(lines)) or {},
  redis.call("HGETALL", family .. "limits"),
  redis.call("SMEMBERS", family .. "paused-repos"),
  redis.call("HGETALL", family .. "stops"),
}
