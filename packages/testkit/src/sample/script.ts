import { sample } from "@twolane/protocol"
import { readConversation, type Seen, type SeenCall } from "../model/conversation.ts"
import { call, type Reply, type Script, say } from "../model/script.ts"
import { sampleMark, sampleSource } from "./files.ts"

const testFile = "test/duration.test.js"

/** Slow enough to watch, fast enough not to wait. */
const tokensPerSecond = 400

/**
 * The simulated model of a machine without one. On the sample repository it works as a model would: it reads the real files,
 * mends one mistake, is told by the real tests that one is left, and mends that. To anything else it says what it is.
 */
export const sampleScript: Script = request => {
  const seen = readConversation(request.items)
  const start = seen.findLastIndex(said => said.kind === "user" && said.text.includes(sampleMark))
  const prompt = seen.findLast(said => said.kind === "user")?.text ?? ""
  if (start === -1) return paced(noModel(prompt))
  const opening = seen[start]
  if (opening?.kind !== "user" || !asksToFix(opening.text)) return paced(noModel(prompt))
  const tools = new Set(request.tools.map(tool => tool.name))
  return paced(nextStep(seen.slice(start), { tools, shown: shownSource(opening.text) }))
}

const paced = (reply: Reply): Reply => ({ tokensPerSecond, ...reply })

/** Whether the task's own words, which come last, are about the failing test. */
const asksToFix = (request: string): boolean => {
  const task = request.slice(
    Math.max(request.lastIndexOf("The task:"), request.lastIndexOf("The change:"), 0),
  )
  return /\b(fix|mend|repair|correct|green|failing|fails?)\b/i.test(task)
}

const noModel = (prompt: string): Reply => {
  const first = prompt.trim().split("\n").at(-1)?.slice(0, 80) ?? ""
  return say(
    `This is a simulation: no model is configured, so nothing was done about "${first}". ` +
      "Set OPENAI_API_KEY (or OPENAI_BASE_URL) and start Twolane again to use a real model. " +
      `On the sample repository the simulation can do one task: "${sample.prompt}".`,
  )
}

/** The source as the fast lane's first message shows it, between marks; null when it does not. */
const shownSource = (request: string): string | null => {
  const at = request.indexOf(`\n${sampleSource}:\n`)
  return at === -1 ? null : (/(`{3,})\n([\s\S]*?)\n\1/.exec(request.slice(at))?.[2] ?? null)
}

/** What comes next in a turn on the sample, given all that was said and done in it. A source that was shown need not be read. */
const nextStep = (
  turn: readonly Seen[],
  { tools, shown }: { tools: ReadonlySet<string>; shown: string | null },
): Reply => {
  const calls = turn.filter(said => said.kind === "call")
  const source = outputOf(calls, "read_file", sampleSource) ?? shown
  const patches = calls.filter(made => made.name === "apply_patch")
  if (calls.length === 0 && shown === null) return look(tools)
  if (source === null)
    return outputOf(calls, "read_file", testFile) === null ? read() : giveUp("its source could not be read")
  if (patches.some(made => made.output !== null && wasRefused(made.output)))
    return giveUp(`a patch was refused: ${patches.at(-1)?.output}`)
  const last = turn.at(-1)
  if (patches.length === 0) return firstPatch(source)
  if (last?.kind === "call") return done(patches.length)
  return afterWord(turn, patches, source)
}

const look = (tools: ReadonlySet<string>): Reply => {
  const plan = [
    { step: "Read the library and its tests", status: "in_progress" },
    { step: "Mend what the failing test shows", status: "pending" },
  ]
  const reply = call(["list_files", { glob: "**/*.js" }])
  const planning = tools.has("update_plan") ? call(["update_plan", { plan }]).items : []
  return { items: [note("I look at what is there."), ...planning, ...reply.items] }
}

const read = (): Reply => call(["read_file", { path: sampleSource }], ["read_file", { path: testFile }])

/** Mends the minutes only: the test of hours stays red, and its result leads to the second patch. */
const firstPatch = (source: string): Reply => {
  const line = lineWith(source, /^\s*m: 60,$/)
  if (line === null) return laterPatch(source)
  const text = "Minutes are counted in seconds, but the result is milliseconds. I mend that."
  return { items: [{ type: "reasoning" }, note(text), ...patch(line, line.replace("60", "60_000")).items] }
}

/** Another turn, or the other lane, has mended the minutes. */
const laterPatch = (source: string): Reply => {
  const line = lineWith(source, hoursLine)
  if (line === null) return say("Simulation: the units are right already, so there is nothing to fix here.")
  const text = "Minutes are right by now; hours are still counted in seconds. I mend those."
  return { items: [note(text), ...patch(line, line.replace("3600", hoursMended)).items] }
}

const hoursLine = /^\s*h: 3600,$/
const hoursMended = "3_600_000"

/** Red tests came back after the model had called it done, or another word: steering, or what the guardrails refuse. */
const afterWord = (turn: readonly Seen[], patches: readonly SeenCall[], source: string): Reply => {
  const last = turn.at(-1)
  const result = last?.kind === "user" ? last.text : ""
  const line = lineWith(source, hoursLine)
  const mended = line === null || patches.some(made => String(made.input).includes(hoursMended))
  if (mended && !result.startsWith("[The tests")) return done(patches.length)
  if (mended)
    return giveUp(`the tests are still red, and this script has no further idea: ${result.slice(0, 200)}`)
  const failing = /hours and minutes/.test(result)
    ? 'The test "hours and minutes" is still red'
    : "The tests are still red"
  const text = `${failing}: hours have the same mistake. I mend those too.`
  return { items: [note(text), ...patch(line, line.replace("3600", hoursMended)).items] }
}

const done = (patches: number): Reply =>
  say(
    patches === 1
      ? "Simulation: minutes are milliseconds now. The tests decide whether that was all."
      : "Simulation: done. Minutes and hours are counted in milliseconds now, as seconds were.",
  )

const giveUp = (why: string): Reply => say(`Simulation: I stop here, since ${why.replace(/\.$/, "")}.`)

const note = (text: string) => ({ type: "message" as const, text: `Simulation: ${text}` })

const patch = (before: string, after: string): Reply =>
  call([
    "apply_patch",
    `*** Begin Patch\n*** Update File: ${sampleSource}\n@@\n-${before}\n+${after}\n*** End Patch`,
  ])

const lineWith = (text: string, pattern: RegExp): string | null =>
  text.split("\n").find(line => pattern.test(line)) ?? null

/** What a call on a path gave; null when it was not made, or failed to find the file. */
const outputOf = (calls: readonly SeenCall[], name: string, path: string): string | null => {
  const made = calls.findLast(candidate => candidate.name === name && pathOf(candidate.input) === path)
  return made?.output ?? null
}

const pathOf = (input: unknown): unknown =>
  typeof input === "object" && input !== null && "path" in input ? input.path : undefined

const wasRefused = (output: string): boolean => /not applied|refused/i.test(output)
