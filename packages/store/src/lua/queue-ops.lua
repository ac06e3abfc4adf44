-- The list of effects to be done; one taken is hidden for a while, so that a crash gives it to another worker.
-- ARGV 1 what: add | take | extend | done   2 member ("team/task/op"; take: this worker's host)   3 host it needs, or ms to hide it
local what, member = ARGV[1], ARGV[2]
if what == "add" then
  redis.call("HSET", family .. "op-hosts", member, ARGV[3])
  if redis.call("ZADD", family .. "ops", "NX", now, member) == 1 then redis.call("PUBLISH", family .. "ops-wake", "") end
  return 1
end
if what == "take" then
  for _, due in ipairs(redis.call("ZRANGEBYSCORE", family .. "ops", "-inf", now, "LIMIT", 0, 200)) do
    local host = redis.call("HGET", family .. "op-hosts", due) or ""
    if host == "" or host == member then
      redis.call("ZADD", family .. "ops", now + tonumber(ARGV[3]), due)
      return due
    end
  end
  return ""
end
if what == "extend" then
  return redis.call("ZADD", family .. "ops", "XX", "CH", now + tonumber(ARGV[3]), member)
end
redis.call("HDEL", family .. "op-hosts", member)
return redis.call("ZREM", family .. "ops", member)
