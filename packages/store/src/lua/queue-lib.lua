-- Shared by the queue's scripts; KEYS[1] is the lane's family. A member is "<team>/<task>", an entry its JSON:
-- {turn, team, task, repo, score, queuedAt, notBefore, after, host}. It stands in exactly one of: line, later, active, or nowhere.
local family = KEYS[1]
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- What enters sorted sets, and the repos whose heads may change, until `flush`: many tasks share one command.
local adds, heads = {}, {}

local function add(key, score, member)
  local list = adds[key] or {}
  adds[key] = list
  list[#list + 1] = score
  list[#list + 1] = member
end

local function refreshHead(repo)
  local head = redis.call("ZRANGE", family .. "wait:" .. repo, 0, 0, "WITHSCORES")
  if head[1] then
    redis.call("ZADD", family .. "repos", head[2], repo)
  else
    redis.call("ZREM", family .. "repos", repo)
  end
end

-- Must come after whatever entered or left the line.
local function flush()
  for key, list in pairs(adds) do redis.call("ZADD", family .. key, unpack(list)) end
  for repo in pairs(heads) do refreshHead(repo) end
  adds, heads = {}, {}
end

local function enterLine(member, entry)
  local repo = entry.team .. "/" .. entry.repo
  add("line", entry.score, member)
  add("wait:" .. repo, entry.score, member)
  add("age:" .. entry.team, entry.queuedAt, member)
  heads[repo] = true
end

local function leaveLine(member, entry)
  if next(adds) then flush() end
  local repo = entry.team .. "/" .. entry.repo
  redis.call("ZREM", family .. "later", member)
  redis.call("ZREM", family .. "line", member)
  redis.call("ZREM", family .. "wait:" .. repo, member)
  redis.call("ZREM", family .. "age:" .. entry.team, member)
  heads[repo] = true
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
