import { asSha } from "./refs.ts"

/** Who a commit is by. */
export type Person = { name: string; email: string }

/** Twolane itself, as the committer of everything it commits. */
export const twolane: Person = { name: "Twolane", email: "twolane@localhost" }

/** Git's own rules for names: no angle brackets, no line breaks, no dots, quotes or spaces at the ends. */
const plain = (text: string): string =>
  text
    .replaceAll(/[\0-\x1f\x7f<>]/g, " ")
    .replaceAll(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, "")
    .slice(0, 250)

const line = (person: Person, at: number): string => {
  const name = plain(person.name)
  return `${name === "" ? "unknown" : name} <${plain(person.email).replaceAll(" ", "")}> ${Math.floor(at / 1_000)} +0000`
}

/** A commit as git stores it. `at` is epoch ms. */
export const commitText = (commit: {
  tree: string
  parents: readonly string[]
  author: Person
  message: string
  at: number
}): string =>
  [
    `tree ${asSha(commit.tree)}`,
    ...commit.parents.map(parent => `parent ${asSha(parent)}`),
    `author ${line(commit.author, commit.at)}`,
    `committer ${line(twolane, commit.at)}`,
    "",
    `${messageOf(commit.message)}\n`,
  ].join("\n")

const messageOf = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, " ")
    .trim()
