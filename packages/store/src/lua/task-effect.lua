-- One row of the outbox, {"effect", "fence", "result"} as three fields.
-- KEYS effects   ARGV 1 what: begin | finish   2 op   3 fence   4 result   5 channel
-- begin answers {"done"} | {"absent"} | {"send", fence, row}; finish answers 1, or 0 from an older sender.
local op = ARGV[2]
if ARGV[1] == "begin" then
  local row = redis.call("HMGET", KEYS[1], op, op .. ":result")
  if not row[1] then return { "absent" } end
  if row[2] then return { "done" } end
  return { "send", redis.call("HINCRBY", KEYS[1], op .. ":fence", 1), row[1] }
end
if redis.call("HGET", KEYS[1], op .. ":fence") ~= ARGV[3] then return 0 end
if redis.call("HSETNX", KEYS[1], op .. ":result", ARGV[4]) == 1 then
  redis.call("PUBLISH", ARGV[5], cjson.encode({ op = op }))
end
return 1
