import { type Reply, type ReplyItem, readConversation, type Script, type Seen, say } from "@twolane/testkit"

/** One task of the day: what is asked, and the model's answers. */
export type Scene = { prompt: string; answers: readonly Reply[] }

/** A model that plays the scene whose prompt was asked last. Each answer but the last makes one call, so that calls count them. */
export const playing =
  (scenes: readonly Scene[]): Script =>
  ({ items }) => {
    const seen = readConversation(items)
    const asked = (said: Seen) =>
      said.kind === "user" ? scenes.find(({ prompt }) => said.text.includes(prompt)) : undefined
    const start = seen.findLastIndex(said => asked(said) !== undefined)
    const opening = seen[start]
    const { answers = [] } = (opening && asked(opening)) ?? {}
    const calls = seen.slice(start).filter(({ kind }) => kind === "call").length
    return {
      tokensPerSecond: 600,
      ...(answers[Math.min(calls, answers.length - 1)] ?? say("I have nothing to say.")),
    }
  }

/** An answer: words, if there are any, and a call. */
export const answer = (
  text: string,
  ...call: [] | [name: string, input: string | Record<string, unknown>]
): Reply => {
  const [name, input] = call
  const items: ReplyItem[] = text === "" ? [] : [{ type: "message", text }]
  return name === undefined || input === undefined
    ? { items }
    : { items: [...items, { type: "call", name, input }] }
}

/** A change of one file in the form that models write: hunks of lines, each with its sign. */
export const update = (path: string, ...hunks: string[]): string =>
  `*** Update File: ${path}\n${hunks.map(hunk => `@@\n${hunk}`).join("\n")}`

/** A new file in that form. */
export const add = (path: string, text: string): string =>
  `*** Add File: ${path}\n${text
    .trimEnd()
    .split("\n")
    .map(line => `+${line}`)
    .join("\n")}`

/** The call that applies changes of files. */
export const patch = (...files: string[]): ["apply_patch", string] => [
  "apply_patch",
  `*** Begin Patch\n${files.join("\n")}\n*** End Patch`,
]

/** The call that runs a command. */
export const run = (command: string): ["shell", { command: string }] => ["shell", { command }]
