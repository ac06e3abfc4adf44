import fc from "fast-check"
import { Redis } from "ioredis"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, makeMemoryRedis } from "../../src/memory-redis/index.ts"
import { type PrivateRedis, startRedis } from "../../src/redis.ts"

let redis: PrivateRedis
let real: Redis
beforeAll(async () => {
  redis = await startRedis()
  real = new Redis(redis.url)
})
afterAll(async () => {
  real.disconnect()
  await redis.stop()
})

/** What both answer, errors by their first word. */
const onReal = async ([name = "", ...words]: readonly string[]): Promise<Answer> => {
  try {
    return (await real.call(name, ...words)) as Answer
  } catch (error) {
    return `error ${error instanceof Error ? error.message.split(" ")[0] : ""}`
  }
}

const onMemory = (memory: ReturnType<typeof makeMemoryRedis>, words: readonly string[]): Answer => {
  try {
    const answer = memory.call(words)
    return typeof answer === "object" && answer !== null && "status" in answer ? answer.status : answer
  } catch (error) {
    return `error ${error instanceof Error ? error.message.split(" ")[0] : ""}`
  }
}

/** Redis gives the fields of a hash and the members of a set in no order that anyone may rely on. */
const unordered = new Set(["HGETALL", "HKEYS", "HVALS", "SMEMBERS"])
/** Answers as they can be compared: ioredis gives members with their scores as pairs where the connection speaks RESP3. */
const comparable = (name: string, answer: Answer): Answer => {
  if (!Array.isArray(answer)) return answer
  if (name === "ZRANGE") return answer.flat().map(String)
  return unordered.has(name) ? answer.map(String).toSorted((a, b) => (a < b ? -1 : 1)) : answer
}

const key = fc.constantFrom("a", "b")
const member = fc.constantFrom("m", "n", "o", "p")
const number = fc.constantFrom("-3", "0", "1", "2", "7")
const bound = fc.constantFrom("-inf", "+inf", "0", "(1", "2", "(7")
const lex = fc.constantFrom("-", "+", "[m", "(n", "[p")
const id = fc.constantFrom("1-1", "1-2", "2-1", "2-3", "3-1")
const edge = fc.constantFrom("-", "+", "1-1", "(1-2", "2", "(2-1")
const limit = fc.constantFrom([], ["LIMIT", "0", "1"], ["LIMIT", "1", "2"], ["LIMIT", "0", "-1"])
const flag = fc.constantFrom([], ["NX"], ["XX"], ["XX", "CH"], ["GT"], ["CH"])
const of = (name: string, ...parts: fc.Arbitrary<string | readonly string[]>[]) =>
  fc.tuple(...parts).map(words => [name, ...words.flat()])

const command = fc.oneof(
  of("HSET", key, member, number, member, number),
  of("HSETNX", key, member, number),
  of("HGET", key, member),
  of("HMGET", key, member, member),
  of("HGETALL", key),
  of("HKEYS", key),
  of("HVALS", key),
  of("HEXISTS", key, member),
  of("HDEL", key, member, member),
  of("HINCRBY", key, member, number),
  of("HINCRBYFLOAT", key, member, fc.constantFrom("1", "0.5", "-2.25")),
  of("ZADD", key, flag, number, member),
  of("ZREM", key, member, member),
  of("ZCARD", key),
  of("ZSCORE", key, member),
  of("ZMSCORE", key, member, member),
  of("ZRANK", key, member),
  of("ZCOUNT", key, bound, bound),
  of("ZRANGE", key, number, number, fc.constantFrom([], ["WITHSCORES"])),
  of("ZRANGEBYSCORE", key, bound, bound, limit),
  of("ZRANGEBYLEX", key, lex, lex, limit),
  of("ZREVRANGEBYLEX", key, lex, lex, limit),
  of("XADD", key, id, member, number),
  of("XLEN", key),
  of("XRANGE", key, edge, edge, fc.constantFrom([], ["COUNT", "1"])),
  of("XREVRANGE", key, edge, edge, fc.constantFrom([], ["COUNT", "2"])),
  of("XTRIM", key, fc.constant("MINID"), id),
  of("SET", key, number, fc.constantFrom([], ["NX"])),
  of("GET", key),
  of("RPUSH", key, member, number),
  of("LPUSH", key, member, number),
  of("LRANGE", key, number, number),
  of("LTRIM", key, number, number),
  of("SADD", key, member, member),
  of("SMEMBERS", key),
  of("DEL", key),
  of("EXISTS", key),
  of("RENAME", key, key),
  of("PERSIST", key),
)

describe("the Redis in memory", () => {
  test("answers as the real one, whatever comes one after the other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40 }), async commands => {
        const memory = makeMemoryRedis(() => Date.now())
        await real.flushall()
        for (const words of commands) {
          const [name = ""] = words
          const [expected, actual] = [await onReal(words), onMemory(memory, words)]
          expect(comparable(name, actual), words.join(" ")).toEqual(comparable(name, expected))
        }
      }),
      { numRuns: 300 },
    )
  })

  test("runs scripts as the real one does", async () => {
    const scripts = [
      "return { 1, 2.9, 'x', false, 'after nil' }",
      "return { ok = 'FINE' }",
      "return redis.call('HGET', KEYS[1], 'absent') == false and 'false' or 'nil'",
      "redis.call('HSET', KEYS[1], 'n', 41) return redis.call('HINCRBY', KEYS[1], 'n', ARGV[1])",
      'return cjson.decode(\'{"a":[1,"two"],"b":{"c":3}}\').b.c',
      "return cjson.encode({ op = ARGV[1] })",
      "return string.match('12-34', '^(%d+)-(%d+)$')",
      "local a, b = unpack({ 'x', 'y' }) return a .. b",
      "return tonumber(ARGV[2] or '5') * 1000 + math.floor(1234 / 1000)",
      "return tostring(1795817553197) .. '-' .. (tonumber('3') + 1)",
      "return redis.call('ZADD', KEYS[1] .. 'z', 1795817553197, 'm') .. redis.call('ZSCORE', KEYS[1] .. 'z', 'm')",
      "return redis.call('NOSUCH')",
      "return 'a' .. nil",
      "local t = {} for w in string.gmatch('a,b,,c', '[^,]+') do t[#t + 1] = w end return t",
      "return string.format('(%.0f', 1795817553197)",
      "local a, b = 1, 2 a, b = b, a local a = a + 10 return { a, b }",
      "local function f(x) if x > 3 then return x, 'deep' end return f(x + 1) end local n, w = f(1) return { n, w, f(9) }",
      "local t = { f = function(x) return x * 2 end } return t.f(21)",
      "local sum = 0 for i = 10, 1, -3 do sum = sum + i if i < 5 then break end end return sum",
      "local n = 0 while true do n = n + 1 if n == 4 then break end end do local n = 9 end return n",
      "local t = {} t[3] = 'c' t[1] = 'a' t[2] = 'b' t[#t + 1] = 'd' t[2] = nil return { #t > 0, t[1], t[4] }",
      "local t = { 'x', nil, 'z' } return { t[1], t[3], t.y == nil }",
      "local t = { a = 1 } t.a = nil return next(t) == nil and 'empty' or 'not'",
      "local function two() return 1, 2 end return { two(), two() }",
      "return { unpack({ 'a', 'b', 'c' }, 2) }",
      "local seen = {} for i, v in ipairs({ false, 'b', nil, 'd' }) do seen[#seen + 1] = i end return seen",
      "local t = {} for k, v in pairs({ only = 'one' }) do t[1] = k t[2] = v end return t",
      "return { 7 % 3, -7 % 3, 2 ^ 3 }",
      "return { 'a' < 'b', 'b' <= 'a', 2 >= 2, not nil, nil == false, '10' == 10 }",
      "return 1 < '2'",
      "return #ARGV[1] .. #'h\u00e9' .. #{}",
      "return { 1e15 .. '', 0.1 .. '', 1 / 3 .. '', 123456789012347 .. '', -0.5 .. '', 2 ^ 53 .. '' }",
      "redis.call('SET', KEYS[1] .. 'n', 1 / 3) return redis.call('GET', KEYS[1] .. 'n')",
      "redis.call('SET', KEYS[1] .. 'n', 2 ^ 53) return redis.call('GET', KEYS[1] .. 'n')",
      "return { tostring(nil), tostring(true), tostring(1.5), tonumber('0x10'), tonumber('  7 '), tonumber('7x') == nil }",
      "return { string.match('k=v', '^(%w+)=(%w*)$') }",
      "return { string.match('a-b', '(%a)-(%a)'), string.match('[x]', '%[(.-)%]'), string.match('x', 'y') == nil }",
      "return { string.match('default/task_1', '^([^/]+)/'), string.match('a b\\nc', '^(%S+) (%S+)\\n(.*)$') }",
      "local t = {} for k, v in string.gmatch('a=1, b=2', '(%w+)=(%w+)') do t[#t + 1] = k .. v end return t",
      "return { string.find('a\\tb', '\\t', 1, true), string.find('ab', 'c', 1, true) == nil }",
      "return { string.sub('hello', 2, -2), string.sub('hello', -3), string.sub('hello', 4, 9), string.sub('a', 3) }",
      "return { math.floor(-1.5), math.min(3, 1, 2), math.max(3, 1, 2) }",
      "return table.concat({ 'a', 1, 'b' }, ',') .. table.concat({})",
      'local v = cjson.decode(\'{"a":null,"b":[]}\') return { v.a == nil, v.a == cjson.null, #v.b, v.c == nil }',
      "return cjson.encode({ 1, 'two', { 3 } })",
      "return redis.pcall('NOSUCH').err ~= nil",
      "return { err = 'MINE sorry' }",
      "redis.call('SET', KEYS[1], 'text') return redis.call('HGET', KEYS[1], 'f')",
      "return nosuchname",
      "nosuchname = 1",
      "return nil .. 'x'",
      "return ({}).a.b",
    ]
    const memory = makeMemoryRedis(() => Date.now())
    await real.flushall()
    const answers: Record<"memory" | "real", Record<string, Answer>> = { memory: {}, real: {} }
    for (const script of scripts) {
      const words = ["EVAL", script, "1", "k", "1"]
      answers.memory[script] = onMemory(memory, words)
      answers.real[script] = await onReal(words)
    }
    expect(answers.memory).toEqual(answers.real)
  })

  test("forgets a key at its time, by its own clock", () => {
    let now = 1_000
    const memory = makeMemoryRedis(() => now)
    memory.call(["SET", "lease", "me", "PX", "500", "NX"])
    expect(memory.call(["SET", "lease", "you", "PX", "500", "NX"])).toBeNull()
    now = 1_500
    expect(memory.call(["GET", "lease"])).toBeNull()
    expect(memory.call(["TIME"])).toEqual(["1", "500000"])
  })

  test("takes a script by its sum once it has seen it, and tells what it publishes", () => {
    const memory = makeMemoryRedis(() => 0)
    const heard: string[] = []
    const stop = memory.onMessage((channel, message) => heard.push(`${channel} ${message}`))
    const sum = "d8f2fad9f8e86a53d2a6ebd960b33c4972cacc37"
    expect(() => memory.call(["EVALSHA", sum, "0"])).toThrow("NOSCRIPT")
    memory.call(["EVAL", "return redis.call('PUBLISH', 'news', ARGV[1])", "0", "hello"])
    stop()
    memory.call(["PUBLISH", "news", "nobody hears"])
    expect(heard).toEqual(["news hello"])
  })
})
