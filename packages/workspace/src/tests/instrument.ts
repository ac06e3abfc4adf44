import { posix } from "node:path"
import { readPackageJson } from "./package-json.ts"
import { type Runner, runnerOf, withoutLaunchers } from "./runners.ts"
import { plainLine, type ShellWord } from "./shell-words.ts"

/** A test command made to write a report; without a `runner` it runs as it is, and only its exit code speaks. */
export type Instrumented = { command: string; runner: Runner | null }

/** Reads a file of the tree; null where there is none. */
type ReadFile = (path: string) => Promise<string | null>

const maxScriptDepth = 3

/**
 * Adds a report to a command whose last part is recognisably one of the runners: by itself, through `npx`, `pnpm exec`
 * and the like, or as a package's script (`npm test`). `folder` is where the command begins, relative to the tree.
 */
export async function instrument(command: string, folder: string, read: ReadFile): Promise<Instrumented> {
  const plain = { command, runner: null }
  const last = lastCommand(command, folder)
  if (!last) return plain
  const script = scriptOf(last.words)
  const found = script ? await scriptRunner(last.folder, script, read) : null
  if (script && !found) return plain
  const runner = found?.runner ?? runnerOf(textsOf(last.words))
  if (!runner) return plain
  if (script && found) return instrumentScript(command, last.words, script, found)
  return { command: addReport(command, last.words, runner), runner }
}

function addReport(command: string, words: readonly ShellWord[], runner: Runner): string {
  const { report } = runner
  if (report.by === "environment") return command
  const insert = (at: number, text: string): string => `${command.slice(0, at)} ${text}${command.slice(at)}`
  if (report.by === "output") {
    const verb = words.find(word => word.text === report.after)
    return verb ? insert(verb.to, report.arguments) : command
  }
  // What follows a bare `--` is the runner's operand.
  const marker = words.findIndex(
    word => word.text === "--" && runnerOf(textsOf(words.slice(0, words.indexOf(word)))) === runner,
  )
  const before = marker > 0 ? words[marker - 1] : words.at(-1)
  return insert(before?.to ?? command.length, report.arguments)
}

type Script = { name: string; manager: string; folder: string | null; arguments: boolean }

/** Whether these words run a package's script, and which. `-w packages/a` names another package's folder. */
function scriptOf(words: readonly ShellWord[]): Script | null {
  const texts = [...textsOf(words)]
  while (/^(?:\w+=\S*|env|cross-env|time)$/.test(texts[0] ?? "")) texts.shift()
  const [manager = "", ...rest] = texts
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(manager)) return null
  let folder: string | null = null
  const left: string[] = []
  const end = rest.indexOf("--")
  const own = end < 0 ? rest : rest.slice(0, end)
  for (let at = 0; at < own.length; at += 1) {
    const [, inline] = /^(?:--workspace|--prefix|-w|-C)=(.+)$/.exec(own[at] ?? "") ?? []
    if (inline !== undefined) folder = inline
    else if (/^(?:--workspace|--prefix|-w|-C)$/.test(own[at] ?? "")) folder = own[++at] ?? null
    else if (/^(?:--workspaces|-ws|-r|--recursive|--filter.*)$/.test(own[at] ?? "")) return null
    else if (!own[at]?.startsWith("-")) left.push(own[at] ?? "")
  }
  const name = left[0] === "run" || left[0] === "run-script" ? left[1] : left[0] === "t" ? "test" : left[0]
  if (name === undefined || ["exec", "x", "dlx", "install", "ci"].includes(name)) return null
  // `bun test` is bun's own runner.
  if (manager === "bun" && left[0] === "test") return null
  return { name, manager, folder, arguments: end >= 0 }
}

/** `nested`: the script runs another script, which arguments would not reach. */
type FoundScript = { runner: Runner; nested: boolean }

async function scriptRunner(
  folder: string,
  script: Script,
  read: ReadFile,
  depth = 0,
): Promise<FoundScript | null> {
  const place = posix.join(folder, script.folder ?? "")
  const line = (await readPackageJson(place, read))?.scripts[script.name]
  if (line === undefined) {
    // `yarn vitest` runs what the package brings; npm knows scripts only.
    const runner = script.manager === "npm" || depth > 0 ? undefined : runnerOf([script.name])
    return runner ? { runner, nested: false } : null
  }
  const last = lastCommand(line, place)
  if (!last) return null
  const inner = scriptOf(last.words)
  if (inner) {
    const found = depth < maxScriptDepth ? await scriptRunner(last.folder, inner, read, depth + 1) : null
    return found && { ...found, nested: true }
  }
  const runner = runnerOf(textsOf(last.words))
  return runner ? { runner, nested: false } : null
}

/** Arguments reach the script's last command behind `--` (npm), or as they are. Output can't be read through a script. */
function instrumentScript(
  command: string,
  words: readonly ShellWord[],
  script: Script,
  found: FoundScript,
): Instrumented {
  const { report } = found.runner
  if (report.by === "environment") return { command, runner: found.runner }
  if (report.by === "output" || found.nested) return { command, runner: null }
  const dashes = script.manager === "npm" && !script.arguments ? "-- " : ""
  const end = words.at(-1)?.to ?? command.length
  return {
    command: `${command.slice(0, end)} ${dashes}${report.arguments}${command.slice(end)}`,
    runner: found.runner,
  }
}

/** The last of several `&&` commands, and the folder that `cd`s before it lead to; null where it can't be told. */
function lastCommand(line: string, folder: string): { words: readonly ShellWord[]; folder: string } | null {
  const plain = plainLine(line)
  const words = plain?.commands.at(-1)
  if (!plain || !words) return null
  let place = folder
  for (const [first, second] of plain.commands.slice(0, -1))
    if (first?.text === "cd") place = posix.join(place, second?.text ?? "")
  return place.startsWith("..") || place.startsWith("/") ? null : { words, folder: place }
}

const textsOf = (words: readonly ShellWord[]): string[] => words.map(word => word.text)

/** Words of a script's command up to its files: how it starts its runner. */
export function optionsOf(line: string): readonly string[] | null {
  const words = plainLine(line)?.commands.at(-1)
  if (!words) return null
  const texts = withoutLaunchers(textsOf(words))
  const isFile = (word: string, at: number): boolean =>
    at > 0 &&
    !word.startsWith("-") &&
    !/^(?:-r|--(?:import|require|loader|env-file|conditions|test-[a-z-]+))$/.test(texts[at - 1] ?? "")
  const end = texts.findIndex(isFile)
  return end < 0 ? texts : texts.slice(0, end)
}
