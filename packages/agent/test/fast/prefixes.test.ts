import type { Policy } from "@twolane/common/guardrails/policy"
import type { Trip } from "@twolane/common/guardrails/trip"
import fc from "fast-check"
import { expect, test } from "vitest"
import { createStreamJudge } from "../../src/fast/stream-judge.ts"
import { startChatReply } from "../../src/model/chat-reply.ts"
import type { ModelEvent } from "../../src/model/port.ts"
import { parseEvent, startReply } from "../../src/model/reply.ts"
import { makeFrameReader } from "../../src/model/sse-frames.ts"
import { keyOf, keysOf, patchOf, policyOf, type Scene, scenes, wholeTrips } from "./scenes.ts"

const judgeOf = (policy: Policy, files: ReadonlyMap<string, string>) =>
  createStreamJudge({ policy, files, changed: [] })

/** What is known to trip after each character of a text. */
const tripsByPrefix = (policy: Policy, files: ReadonlyMap<string, string>, text: string): Trip[][] => {
  const judge = judgeOf(policy, files)
  const found: Trip[] = []
  return Array.from(text).map(char => {
    found.push(...judge.push(char))
    return [...found]
  })
}

/** A patch that may be cut short, repeated, or spoilt in one place. */
const spoilt = fc.record({
  from: fc.nat(400),
  drop: fc.nat(30),
  put: fc.constantFrom(
    "",
    "\n",
    "*** End Patch\n",
    "*** Begin Patch\n",
    "+x\n",
    "@@\n",
    "*** Update File: lib/z.ts\n",
  ),
})
const spoil = (patch: string, { from, drop, put }: { from: number; drop: number; put: string }): string =>
  patch.slice(0, from) + put + patch.slice(from + drop)

test("at every prefix of any text, larger pieces tell nothing that single characters have not told by then", () => {
  fc.assert(
    fc.property(scenes, fc.option(spoilt), ({ files, shown, sections, rules }: Scene, change) => {
      const whole = patchOf(sections)
      const text = change === null ? whole : spoil(whole, change)
      const known = new Map([...files].filter(([path]) => shown.includes(path)))
      const policy = policyOf(rules)
      const byChar = tripsByPrefix(policy, known, text)
      for (const [at, found] of byChar.entries()) {
        if (at % 7 !== 0) continue
        const atOnce = judgeOf(policy, known).push(
          Array.from(text)
            .slice(0, at + 1)
            .join(""),
        )
        expect(keysOf(found)).toEqual(expect.arrayContaining(keysOf(atOnce)))
      }
    }),
    { numRuns: 40 },
  )
})

test("what trips at a prefix trips on the patch that the prefix is when it is closed there", () => {
  fc.assert(
    fc.property(scenes, ({ files, sections, rules }: Scene) => {
      const policy = policyOf(rules)
      const lines = patchOf(sections).split("\n")
      const judge = judgeOf(policy, files)
      const found: Trip[] = []
      for (const [at, line] of lines.slice(0, lines.indexOf("*** End Patch")).entries()) {
        found.push(...judge.push(`${line}\n`))
        const closed = wholeTrips(policy, `${lines.slice(0, at + 1).join("\n")}\n*** End Patch\n`, files)
        // A hunk that is cut short may fit nowhere: such a patch is refused as a whole.
        const untrue = closed === null ? [] : keysOf(found).filter(key => !keysOf(closed).includes(key))
        expect(untrue).toEqual([])
      }
    }),
    { numRuns: 500 },
  )
})

test("a whole patch that is closed is judged alike in mid-stream and at its end", () => {
  fc.assert(
    fc.property(scenes, ({ files, sections, rules }: Scene) => {
      const policy = policyOf(rules)
      const patch = patchOf(sections)
      const whole = wholeTrips(policy, patch, files)
      fc.pre(whole !== null)
      expect(keysOf(tripsByPrefix(policy, files, patch).at(-1) ?? [])).toEqual(keysOf(whole ?? []))
    }),
    { numRuns: 300 },
  )
})

test("no text makes the judge throw", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 300 }),
      scenes,
      spoilt,
      (noise, { files, sections, rules }, at) => {
        const text = spoil(patchOf(sections), { ...at, put: noise })
        expect(() => tripsByPrefix(policyOf(rules), files, text)).not.toThrow()
      },
    ),
    { numRuns: 200 },
  )
})

/** Bytes of an answer, and how they are read. */
type Wire = { bytes: Uint8Array; open: (onEvent: (event: ModelEvent) => void) => (chunk: Uint8Array) => void }

const pieces = (text: string): string[] => text.match(/[\s\S]{1,3}/gu) ?? []
const frame = (value: object): string => `data: ${JSON.stringify(value)}\n\n`

const wires: Record<string, (patch: string) => Wire> = {
  "a custom tool of the Responses API": patch => responses(patch, "custom_tool_call"),
  "a function of the Responses API": patch => responses(JSON.stringify({ input: patch }), "function_call"),
  "Chat Completions": patch => {
    const call = (fields: object) => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...fields }] } }],
    })
    const frames = [
      call({ id: "call_1", type: "function", function: { name: "apply_patch", arguments: "" } }),
      ...pieces(JSON.stringify({ input: patch })).map(text => call({ function: { arguments: text } })),
    ]
    return {
      bytes: new TextEncoder().encode(frames.map(frame).join("")),
      open: onEvent => {
        const reply = startChatReply(onEvent, {
          custom: new Set(["apply_patch"]),
          usedIds: new Set(),
          bytes: 0,
        })
        return makeFrameReader((_event, data) => void reply.accept(data))
      },
    }
  },
}

const responses = (written: string, type: "custom_tool_call" | "function_call"): Wire => {
  const delta = type === "function_call" ? "function_call_arguments" : "custom_tool_call_input"
  const frames = [
    { type: "response.created", response: { id: "resp_1" } },
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { type, call_id: "call_1", name: "apply_patch" },
    },
    ...pieces(written).map(text => ({ type: `response.${delta}.delta`, output_index: 0, delta: text })),
  ]
  return {
    bytes: new TextEncoder().encode(frames.map(frame).join("")),
    open: onEvent => {
      const reply = startReply(onEvent, new Set(type === "function_call" ? ["apply_patch"] : []))
      return makeFrameReader((_event, data) => {
        const event = parseEvent(data)
        if (event !== null) reply.accept(event)
      })
    },
  }
}

test.each(Object.keys(wires))("%s, cut at every byte, gives the judge the same patch", name => {
  const files = new Map([["src/a.ts", "one\ntwo\n"]])
  const patch = patchOf([
    ["*** Update File: src/a.ts", "@@", " one", "-two", '+zw"ei" \\n \u{1F600}'],
    ["*** Add File: src/ü.ts", "+1", "+2", "+3", "+4"],
    ['*** Update File: lib/"x".ts', "@@", "-a", "+b"],
  ])
  const policy = policyOf({ scope: ["src/**"], maxChangedLines: 4, maxFiles: 2 })
  const wire = wires[name]?.(patch)
  if (wire === undefined) throw new Error(`no wire ${name}`)
  const { bytes, open } = wire
  const readIn = (chunks: readonly Uint8Array[]): { text: string; trips: string[] } => {
    const judge = judgeOf(policy, files)
    let text = ""
    const trips: string[] = []
    const take = open(event => {
      if (event.type !== "tool") return
      text += event.text
      trips.push(...judge.push(event.text).map(keyOf))
    })
    for (const chunk of chunks) take(chunk)
    return { text, trips: trips.sort() }
  }
  const expected = { text: patch, trips: ["maxChangedLines ", "maxFiles ", 'scope lib/"x".ts'] }
  for (let at = 0; at <= bytes.length; at += 1)
    expect(readIn([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected)
  expect(readIn([...bytes].map(byte => Uint8Array.of(byte)))).toEqual(expected)
})
