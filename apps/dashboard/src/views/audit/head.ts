import type { AuditHead } from "@twolane/protocol"

/** A head as one word to keep, as the command line takes it: its number, a colon, its seal. */
export const headText = ({ seq, mac }: AuditHead): string => `${seq}:${mac}`

/** A head from such a word; null for anything else. */
export const readHead = (text: string): AuditHead | null => {
  const [, seq, mac] = /^\s*#?(\d{1,15})[\s:]([\w+/=-]{1,100})\s*$/.exec(text) ?? []
  return seq === undefined || mac === undefined ? null : { seq: Number(seq), mac }
}
