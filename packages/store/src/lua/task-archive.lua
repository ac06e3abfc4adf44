-- Takes a task out of Redis that is in the archive as it is here: a write since then, a lease, or a new effect keeps it.
-- KEYS state, log, script, effects, pack, pack-info, pack-draft
-- ARGV 1 last id  2, 3 nonces of the newest writes of a worker and of a gateway  4 number of fields in effects
-- Answers "away" | "absent" | "moved"
local state = redis.call("HMGET", KEYS[1], "last", "wn", "gn", "owner")
if not state[1] then return "absent" end
if state[4] and state[4] ~= "" then return "moved" end
if state[1] ~= ARGV[1] or (state[2] or "") ~= ARGV[2] or (state[3] or "") ~= ARGV[3] then return "moved" end
if redis.call("HLEN", KEYS[4]) ~= tonumber(ARGV[4]) then return "moved" end
redis.call("UNLINK", unpack(KEYS))
return "away"
