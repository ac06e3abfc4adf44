-- Puts an active task back in line at its old place: its worker is gone, or handed its ticket back.
-- ARGV member, state (ticketed | running) and generation or attempt that the active record must still have
-- Answers 1, or 0 when something else happened meanwhile.
local json = redis.call("HGET", family .. "active", ARGV[1])
local record = json and cjson.decode(json)
if not record or record.state ~= ARGV[2] or tostring(record.fence) ~= ARGV[3] then return 0 end
local entry = entryOf(ARGV[1])
deactivate(ARGV[1])
if entry then enterLine(ARGV[1], entry) end
flush()
redis.call("PUBLISH", family .. "wake", "")
return 1
