-- Appends sealed records to a team's audit log when it stands where the writer thinks it does.
-- KEYS: the log (stream; a record's id is <seq>-0), the head (hash: seq, mac; floor, floorMac, floorSeal of what was let go of)
-- ARGV: the expected seq and mac, then the JSON and the mac of each record
-- Answers {1}, or {0, seq, mac} of where it really stands.
local head = redis.call('HMGET', KEYS[2], 'seq', 'mac')
local seq, mac = tonumber(head[1] or '0'), head[2] or ''
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
-- Somebody may have turned the head back: what is there is gone on from.
local top = newest and tonumber(string.match(newest[1], '^%d+')) or 0
if top > seq then
  seq, mac = top, newest[2][4]
end
if seq ~= tonumber(ARGV[1]) or mac ~= ARGV[2] then
  return { 0, seq, mac }
end
for i = 3, #ARGV, 2 do
  local added = redis.pcall('XADD', KEYS[1], (seq + 1) .. '-0', 'r', ARGV[i], 'm', ARGV[i + 1])
  if type(added) == 'table' and added.err then
    -- Records after this place were deleted; the stream remembers their ids, and the writer has said so in its records.
    redis.call('XSETID', KEYS[1], seq .. '-0')
    redis.call('XADD', KEYS[1], (seq + 1) .. '-0', 'r', ARGV[i], 'm', ARGV[i + 1])
  end
  seq = seq + 1
end
redis.call('HSET', KEYS[2], 'seq', seq, 'mac', ARGV[#ARGV])
return { 1 }
