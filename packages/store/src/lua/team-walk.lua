-- Walks the smallest of the named indexes and keeps what is in all of them; bounded by the number looked at.
-- KEYS the team's family   ARGV 1 newest | oldest first  2 start after this member ("" begins)  3 wanted  4 most to look at  5… indexes
-- Answers {"1" when the index ended, last member looked at, members…}
local family = KEYS[1]
local newest, from, wanted, most = ARGV[1] == "newest", ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local smallest, size = nil, nil
for i = 5, #ARGV do
  local n = redis.call("ZCARD", family .. "x:" .. ARGV[i])
  if not size or n < size then smallest, size = ARGV[i], n end
end

local function page(after, count)
  local key = family .. "x:" .. smallest
  local start = after ~= "" and "(" .. after or nil
  if newest then
    return redis.call("ZREVRANGEBYLEX", key, start or "+", "-", "LIMIT", 0, count)
  end
  return redis.call("ZRANGEBYLEX", key, start or "-", "+", "LIMIT", 0, count)
end

local function inAll(member)
  for i = 5, #ARGV do
    if ARGV[i] ~= smallest and not redis.call("ZSCORE", family .. "x:" .. ARGV[i], member) then return false end
  end
  return true
end

local answer, looked = { "0", from }, 0
while #answer - 2 < wanted and looked < most do
  local members = page(answer[2], math.min(100, most - looked))
  for _, member in ipairs(members) do
    looked = looked + 1
    answer[2] = member
    if inAll(member) then answer[#answer + 1] = member end
    if #answer - 2 >= wanted then return answer end
  end
  if #members == 0 then
    answer[1] = "1"
    return answer
  end
end
return answer
