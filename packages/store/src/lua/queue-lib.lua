-- Shared by the queue's scripts; KEYS[1] is the lane's family. A member is "<team>/<task>", an entry its JSON:
-- {turn, team, task, repo, who, score, queuedAt, notBefore, startBy, after, host}. It stands in exactly one of: line, later, active, or nowhere.
-- What is due stands in "line", and by its own line ("<team>/<repo>/<who>") in "wait:<line>"; "repos" has each line's first score
-- (its name is from when a repo had one line: a picker of that version still finds all of them there), "lines" each one's length.
-- "expire" has what must have begun by a time, until it has.
local family = KEYS[1]
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- What enters sorted sets, and the lines whose heads may change, until `flush`: many tasks share one command.
local adds, touched = {}, {}

local function add(key, score, member)
  local list = adds[key] or {}
  adds[key] = list
  list[#list + 1] = score
  list[#list + 1] = member
end

local function lineOf(entry)
  local name = entry.team .. "/" .. entry.repo
  return entry.who and name .. "/" .. entry.who or name
end

local function refreshLine(line)
  local head = redis.call("ZRANGE", family .. "wait:" .. line, 0, 0, "WITHSCORES")
  if head[1] then
    redis.call("ZADD", family .. "repos", head[2], line)
    redis.call("ZADD", family .. "lines", redis.call("ZCARD", family .. "wait:" .. line), line)
  else
    redis.call("ZREM", family .. "repos", line)
    redis.call("ZREM", family .. "lines", line)
  end
end

-- Must come after whatever entered or left the line.
local function flush()
  for key, list in pairs(adds) do redis.call("ZADD", family .. key, unpack(list)) end
  for line in pairs(touched) do refreshLine(line) end
  adds, touched = {}, {}
end

local function enterLine(member, entry)
  local line = lineOf(entry)
  add("line", entry.score, member)
  add("wait:" .. line, entry.score, member)
  add("age:" .. entry.team, entry.queuedAt, member)
  touched[line] = true
end

local function leaveLine(member, entry)
  if next(adds) then flush() end
  local line = lineOf(entry)
  redis.call("ZREM", family .. "later", member)
  redis.call("ZREM", family .. "line", member)
  redis.call("ZREM", family .. "wait:" .. line, member)
  redis.call("ZREM", family .. "age:" .. entry.team, member)
  redis.call("HDEL", family .. "passed", member)
  touched[line] = true
end

local function entryOf(member)
  local json = redis.call("HGET", family .. "entry", member)
  return json and cjson.decode(json) or nil
end

-- Active members whose tickets are out also stand in "tickets", by the time they were issued.
local function activate(member, json)
  redis.call("HSET", family .. "active", member, json)
end

local function deactivate(member)
  redis.call("ZREM", family .. "tickets", member)
  return redis.call("HDEL", family .. "active", member) == 1
end
