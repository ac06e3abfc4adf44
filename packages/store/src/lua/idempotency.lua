-- Idempotency keys of one caller, each kept for 24 h.
-- KEYS records   ARGV 1 ms to keep, then for each record: what (reserve | settle | unreserve), body hash or answer, subject
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local act = {}

function act.reserve(key, body, subject)
  local record = redis.call("HMGET", key, "body", "subject", "answer", "at")
  if not record[1] then
    redis.call("HSET", key, "body", body, "subject", subject, "at", now)
    redis.call("PEXPIRE", key, ARGV[1])
    return { "new" }
  end
  if record[1] ~= body then return { "conflict" } end
  if record[3] then return { "replay", record[3] } end
  return { "reserved", record[2], now - tonumber(record[4]) }
end

function act.settle(key, answer)
  if redis.call("EXISTS", key) == 0 then return { "absent" } end
  redis.call("HSET", key, "answer", answer)
  return { "ok" }
end

-- What has an answer stays.
function act.unreserve(key)
  if redis.call("HEXISTS", key, "answer") == 0 then redis.call("DEL", key) end
  return { "ok" }
end

local answers = {}
for i, key in ipairs(KEYS) do
  local at = 3 * i - 1
  answers[i] = act[ARGV[at]](key, ARGV[at + 1], ARGV[at + 2])
end
return answers
