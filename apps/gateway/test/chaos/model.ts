import {
  call,
  type ModelServer,
  type Reply,
  type ReplyFault,
  readConversation,
  type ScriptRequest,
  type Seen,
  say,
  startModel,
} from "@twolane/testkit"
import { jailMark } from "./jails.ts"
import { candidateModels } from "./plan.ts"
import { folderOf, notesIn, type Program, programIn, type Step } from "./program.ts"

/** A model that works off the programs of its prompts; `mood.fault` is what is wrong with all its answers now. */
export type ChaosModel = AsyncDisposable & {
  server: ModelServer
  port: number
  mood: { fault: ReplyFault | null }
}

/** Starts it. It reads its place in the program from the conversation alone, as any attempt's model must. */
export const startChaosModel = async (): Promise<ChaosModel> => {
  const mood: ChaosModel["mood"] = { fault: null }
  const server = await startModel({
    keepRequests: 0,
    script: request => (mood.fault === null ? answer(request) : { ...answer(request), fault: mood.fault }),
  })
  const port = Number(new URL(server.url).port)
  return { server, port, mood, [Symbol.asyncDispose]: () => server.stop() }
}

/** Thinks for a moment, so that a turn is long enough to be struck. */
const thinkMs = 150

const answer = (request: ScriptRequest): Reply => {
  const seen = readConversation(request.items)
  const program = newest(seen)
  if (program === null) return say("There is no program.")
  const { steps, isRepeated } = leftOf(program, seen)
  const [first, ...rest] = steps
  if (first === undefined) return { ...say("All of it is done."), delayMs: thinkMs }
  // In the fast lane green ends the turn: what can be done at once must be.
  const isFast = request.model.includes("spark")
  const alone = rest.findIndex(({ kind }) => kind !== "patch")
  const together = isFast && first.kind !== "red" ? rest.slice(0, alone < 0 ? rest.length : alone) : []
  const isCandidate = candidateModels.some(name => name === request.model)
  const name = isCandidate ? `${program.task}.${request.model}` : `${program.task}`
  const replies = [first, ...together].map(step => doing(program, step, isRepeated, name))
  return { items: replies.flatMap(({ items }) => items), delayMs: thinkMs }
}

const textsOf = (said: Seen): string => (said.kind === "user" ? said.text : "")

const newest = (seen: readonly Seen[]): Program | null => programIn(seen.map(textsOf).join("\n"))

/** What of the program is not done yet, by what the conversation says; `isRepeated`: what became of the last try is not known. */
const leftOf = ({ turn, steps }: Program, seen: readonly Seen[]): { steps: Step[]; isRepeated: boolean } => {
  const start = seen.findIndex(said => programIn(textsOf(said))?.turn === turn)
  const all = [...steps]
  let at = 0
  let isRepeated = false
  for (const said of seen.slice(start)) {
    const kind = all[at]?.kind
    if (said.kind === "user") {
      all.push(...notesIn(said.text))
      if (kind === "plan" && said.text.includes("allowed the plan")) at += 1
    } else if (said.kind === "assistant") at += kind === "done" && said.text === doneWords ? 1 : 0
    else if (isDone(said.output ?? "")) {
      at += 1
      isRepeated = false
    } else isRepeated = true
  }
  return { steps: all.slice(at), isRepeated }
}

/** An answer that was cut off does not count. */
const doneWords = "This much is done."

const isDone = (output: string): boolean =>
  /^exit code 0|^Applied:|exists already|there is no such file/m.test(output)

/** `name`: by which its commands are found among the machine's. */
const doing = ({ task }: Program, { id, kind }: Step, isRepeated: boolean, name: string): Reply => {
  const folder = folderOf(task)
  switch (kind) {
    case "patch":
      return call(["apply_patch", patchOf(`Add File: ${folder}/${id}.txt\n+${id}`)])
    case "red":
      return call(["apply_patch", patchOf(`Add File: ${folder}/red.txt\n+red`)])
    case "mend":
      return call(["apply_patch", patchOf(`Delete File: ${folder}/red.txt`)])
    case "run":
      return call(["shell", { command: commandOf(task, id, isRepeated) }])
    case "slow":
      return call([
        "shell",
        { command: `${commandOf(task, id, isRepeated)} || exit 1; ${lingering(name, 1.5)}` },
      ])
    case "stay": {
      const more = isRepeated ? "" : ` || exit 1; ${lingering(name, 900)}`
      return call(["shell", { command: commandOf(task, id, isRepeated) + more }])
    }
    case "plan":
      return say("The plan: do as the program says.")
    case "done":
      return say(doneWords)
    default:
      return kind satisfies never
  }
}

const patchOf = (hunk: string): string => `*** Begin Patch\n*** ${hunk}\n*** End Patch`

/** Goes on for so long, and leaves something behind that must not outlive it; the mark names the task to whoever watches. */
const lingering = (name: string, forSeconds: number): string => {
  const marked = (seconds: number) => `sh -c 'sleep ${seconds}; : ${jailMark}${name}'`
  return `(setsid ${marked(900)} > /dev/null 2>&1 &); ${marked(forSeconds)}`
}

/** Adds a line to the journal; when it may be there already, it looks first, as it was told to. */
const commandOf = (task: number, id: string, isRepeated: boolean): string => {
  const journal = `${folderOf(task)}/journal.txt`
  const add = `echo ${id} >> ${journal}`
  const unless = isRepeated ? `grep -qx ${id} ${journal} 2>/dev/null || ` : ""
  return `mkdir -p ${folderOf(task)}; ${unless}${add}`
}
