import { readConversation, type Seen } from "../model/conversation.ts"
import { call, type Reply, type Script, type ScriptRequest, say } from "../model/script.ts"

/** One scripted turn: what was seen since its prompt, and the request as it came. */
export type Scene = (seen: readonly Seen[], request: ScriptRequest) => Reply | Promise<Reply>

/** A model that plays the scene whose name stands first in the newest prompt that names one, as `[name]`. */
export const playing =
  (scenes: Record<string, Scene>): Script =>
  request => {
    const seen = readConversation(request.items)
    const start = seen.findLastIndex(said => nameIn(said) !== undefined)
    const opening = seen[start]
    const name = opening === undefined ? "" : (nameIn(opening) ?? "")
    const scene = scenes[name]
    return scene === undefined ? say(`there is no scene ${name}`) : scene(seen.slice(start + 1), request)
  }

const nameIn = (said: Seen): string | undefined =>
  said.kind === "user" ? /\n\n\[([a-z ]+)\]/.exec(said.text)?.[1] : undefined

/** How many calls of a tool were made. */
export const callsOf = (seen: readonly Seen[], name: string): number =>
  seen.filter(said => said.kind === "call" && said.name === name).length

/** A turn that applies one patch, and has done then. */
export const patching =
  (patch: string, words = "Done."): Scene =>
  seen =>
    callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", patch]) : say(words)

/** A patch that adds a file of one line. */
export const addPatch = (path: string, line: string): string =>
  `*** Begin Patch\n*** Add File: ${path}\n+${line}\n*** End Patch`
