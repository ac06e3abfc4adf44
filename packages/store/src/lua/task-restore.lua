-- Puts a task that was in the archive where it was, all at once. It was gathered under names of its own.
-- KEYS state, log, script, effects, pack, pack-info, then the same six as they were gathered
-- Answers "back" | "there" (somebody was first) | "lost" (what was gathered is gone)
local half = #KEYS / 2
if redis.call("EXISTS", KEYS[1]) == 1 then
  redis.call("UNLINK", unpack(KEYS, half + 1))
  return "there"
end
if redis.call("EXISTS", KEYS[half + 1]) == 0 then return "lost" end
for i = 1, half do
  redis.call("UNLINK", KEYS[i])
  if redis.call("EXISTS", KEYS[half + i]) == 1 then
    redis.call("RENAME", KEYS[half + i], KEYS[i])
    redis.call("PERSIST", KEYS[i])
  end
end
return "back"
