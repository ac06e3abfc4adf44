import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Command } from "commander"
import { expect, test } from "vitest"
import { buildProgram } from "../src/commands.ts"
import { processOutput } from "../src/output.ts"

const root = join(import.meta.dirname, "../../..")
const common = join(root, "packages/common/src")
const names = (text: string): string[] => [...text.matchAll(/\bTWOLANE_[A-Z_]+\b/g)].map(([name]) => name)
const settings = new Set(
  readdirSync(common)
    .filter(name => /^config.*\.ts$/.test(name))
    .flatMap(name => names(readFileSync(join(common, name), "utf8"))),
)

/** What an example of ours sets in a receiver's own program. */
const others = new Set(["TWOLANE_WEBHOOK_SECRET"])

/** Commands as people type them: in blocks at a line's beginning, and in the text as code. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/(?:^|`)\s*(?:npx )?twolane ([^`\n]+)/gm)].map(([, words = ""]) => words.trim())

const program = buildProgram(processOutput(false), () => {})

/** Follows the words to the command that they name; null where there is none. */
const find = (words: readonly string[], at: Command = program): Command | null => {
  const [word = "", ...rest] = words
  const next = at.commands.find(each => each.name() === word || each.aliases().includes(word))
  if (next !== undefined) return find(rest, next)
  // A group is no command by itself where a word names none of its own.
  const isGroup = at.commands.length > 0 && at.registeredArguments.length === 0 && /^[a-z]/.test(word)
  return at === program || isGroup ? null : at
}

test.each(["slack", "discord", "github", "mcp", "webhooks"])(
  "the page of %s names settings and commands that are there, with switches that they have",
  page => {
    const text = readFileSync(join(root, `docs/${page}.md`), "utf8")
    expect(names(text).filter(name => !settings.has(name) && !others.has(name))).toEqual([])
    const commands = commandsIn(text)
    expect(commands.length).toBeGreaterThan(0)
    for (const command of commands) {
      const [before = ""] = command.split(" #")
      const words = before.replace(/"[^"]*"/g, "x").split(/\s+/)
      const found = find(words)
      expect(found, command).not.toBeNull()
      const has = found?.options.map(({ long }) => long) ?? []
      expect(
        words.filter(word => word.startsWith("--") && !has.includes(word)),
        command,
      ).toEqual([])
    }
  },
)
