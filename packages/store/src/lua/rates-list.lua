-- Every bucket that workers speak of.
-- KEYS 1 the beginning of all rate keys
-- Answers {{name, blocked until, facts about requests, facts about tokens, row, row, …}, …}
local answer = {}
for _, id in ipairs(redis.call("ZRANGE", KEYS[1] .. "all", 0, 199)) do
  local fields = redis.call("HGETALL", KEYS[1] .. id)
  local bucket = { "", "0", "", "" }
  for at = 1, #fields, 2 do
    local field, value = fields[at], fields[at + 1]
    if field == "name" then bucket[1] = value end
    if field == "blocked" then bucket[2] = value end
    if field == "fact:7" then bucket[3] = value end
    if field == "fact:8" then bucket[4] = value end
    if string.sub(field, 1, 4) == "row:" then bucket[#bucket + 1] = string.match(value, "^%d+ (.*)$") end
  end
  if #fields > 0 then answer[#answer + 1] = bucket end
end
return answer
