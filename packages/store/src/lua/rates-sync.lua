-- Tells what a worker does with a provider's bucket and what it has learnt, and answers what all workers know.
-- KEYS 1 the beginning of all rate keys
-- ARGV 1 bucket  2 what people may see of it (JSON)  3 worker  4 its row (JSON)  5 how long rows and buckets are kept, ms
--      6 blocked until  7, 8 when the facts about requests and tokens were heard (0: never)  9, 10 these facts (JSON)
-- Answers {blocked until, facts about requests, facts about tokens, worker, row, worker, row, …}
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local bucket, keep = KEYS[1] .. ARGV[1], tonumber(ARGV[5])
redis.call("HSET", bucket, "name", ARGV[2], "row:" .. ARGV[3], string.format("%d %s", now, ARGV[4]))
if tonumber(ARGV[6]) > tonumber(redis.call("HGET", bucket, "blocked") or 0) then
  redis.call("HSET", bucket, "blocked", ARGV[6])
end
for at = 7, 8 do
  if tonumber(ARGV[at]) > tonumber(redis.call("HGET", bucket, "at:" .. at) or 0) then
    redis.call("HSET", bucket, "at:" .. at, ARGV[at], "fact:" .. at, ARGV[at + 2])
  end
end
redis.call("PEXPIRE", bucket, keep)
redis.call("ZADD", KEYS[1] .. "all", now, ARGV[1])
redis.call("ZREMRANGEBYSCORE", KEYS[1] .. "all", "-inf", now - keep)
redis.call("PEXPIRE", KEYS[1] .. "all", keep)
local known = redis.call("HMGET", bucket, "blocked", "fact:7", "fact:8")
local answer = { known[1] or "0", known[2] or "", known[3] or "" }
local fields = redis.call("HGETALL", bucket)
for at = 1, #fields, 2 do
  local worker = string.match(fields[at], "^row:(.*)$")
  if worker then
    local since, row = string.match(fields[at + 1], "^(%d+) (.*)$")
    -- A worker that says nothing is gone, and its calls with it.
    if now - tonumber(since) > keep then
      redis.call("HDEL", bucket, fields[at])
    else
      answer[#answer + 1] = worker
      answer[#answer + 1] = row
    end
  end
end
return answer
