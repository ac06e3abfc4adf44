import { strikeOut } from "./log.ts"

/** What begins a secret of a kind that many know, and what goes on with it. Our own API keys are among them. */
const shapes: readonly (readonly [begins: string, rest: string])[] = [
  ["ghp_", "[A-Za-z0-9]{20,255}"],
  ["gho_", "[A-Za-z0-9]{20,255}"],
  ["ghu_", "[A-Za-z0-9]{20,255}"],
  ["ghs_", "[A-Za-z0-9]{20,255}"],
  ["ghr_", "[A-Za-z0-9]{20,255}"],
  ["github_pat_", "[A-Za-z0-9_]{20,255}"],
  ["glpat-", "[\\w-]{16,255}"],
  ["sk-", "[\\w-]{16,255}"],
  ["sk_live_", "[A-Za-z0-9]{16,255}"],
  ["xoxb-", "[\\w-]{10,255}"],
  ["xoxp-", "[\\w-]{10,255}"],
  ["xapp-", "[\\w-]{10,255}"],
  ["AKIA", "[A-Z0-9]{16}"],
  ["ASIA", "[A-Z0-9]{16}"],
  ["AIza", "[\\w-]{35}"],
  ["npm_", "[A-Za-z0-9]{30,255}"],
  ["whsec_", "[A-Za-z0-9+/=]{20,255}"],
  ["twl_", "[\\w-]{20,255}"],
]
const tokens = new RegExp(
  `(?<![A-Za-z0-9])(?:${shapes.map(([begins, rest]) => begins + rest).join("|")})`,
  "g",
)
const keyBegins = "-----BEGIN "
const privateKeys = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g
/** A private key's first line, or as much of it as is there. */
const keyOpens = /-----BEGIN (?:[A-Z0-9 ]*PRIVATE KEY-----|[A-Z0-9 ]*-{0,5}$)/

/** What is looked for in every output, however long. */
export const searched: readonly RegExp[] = [tokens, privateKeys, keyOpens]

/** What any of them begins with, and that within a word. */
const beginnings = [...shapes.map(([begins]) => begins), keyBegins].map(begins => ({
  begins,
  inWord: new RegExp(`(?<![A-Za-z0-9])${begins}`),
}))

/** No more is held back of a word, or of a private key. */
const longestWord = 4_096
const longestKey = 16_000

/** Strikes out what looks like a secret (a known kind of token, a private key, a password in an address), wherever it came from. */
export const strikeSecrets = (text: string): string =>
  strikeOut(text, []).replace(privateKeys, "[secret]").replace(tokens, "[secret]")

/** As `strikeSecrets` for a text that comes in pieces: what may be the beginning of a secret is held back until it is clear. */
export type Striker = { put: (piece: string) => void; end: () => void }

/** Makes one; `pass` is given what is clear. */
export const makeStriker = (pass: (text: string) => void): Striker => {
  let held = ""
  const give = (text: string) => {
    if (text !== "") pass(strikeSecrets(text))
  }
  return {
    put: piece => {
      held += piece
      const clear = clearUntil(held)
      give(held.slice(0, clear))
      held = held.slice(clear)
    },
    end: () => {
      give(held)
      held = ""
    },
  }
}

/** Where what may still become a secret begins: at a private key that has not ended, else at a last word that begins as one. */
const clearUntil = (text: string): number => {
  const key = openKey(text)
  if (key !== null && text.length - key < longestKey) return key
  const word = /[^\s"'`]+$/.exec(text.slice(-longestWord))?.[0] ?? ""
  return mayBecomeSecret(word) ? notWithinKey(text, text.length - word.length) : text.length
}

/** A key's last line may look like the beginning of the next one: the key stays whole. */
const notWithinKey = (text: string, at: number): number => {
  for (const { 0: whole, index } of text.matchAll(privateKeys))
    if (index < at && at < index + whole.length) return index
  return at
}

const openKey = (text: string): number | null => {
  let from = 0
  for (const { 0: whole, index } of text.matchAll(privateKeys))
    if (/-----END [A-Z0-9 ]*PRIVATE KEY-----$/.test(whole)) from = index + whole.length
  const at = text.slice(from).search(keyOpens)
  return at < 0 ? null : from + at
}

/** Whether a last word could go on as a secret; one that ends in the middle of a word may also turn out to be none. */
const mayBecomeSecret = (word: string): boolean =>
  /[A-Za-z0-9]$/.test(word) ||
  /:\/\/[^/@]*$/.test(word) ||
  beginnings.some(({ begins, inWord }) => {
    if (inWord.test(word)) return true
    for (let length = begins.length - 1; length > 0; length--)
      if (word.endsWith(begins.slice(0, length)) && !/[A-Za-z0-9]/.test(word.at(-length - 1) ?? " "))
        return true
    return false
  })
