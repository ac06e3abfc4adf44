/**
 * How a platform writes what we say. Whatever comes from a model, a repository, a test or a person goes through `text` or `code`: it is then
 * shown as it is, rings nobody, and links nowhere.
 */
export type Markup = {
  /** How long one text of a message may be, as written, and how many of such a message may have for what an agent said. */
  room: { chars: number; texts: number }
  /** Whether the whole of a longer one goes with the message as a file. */
  attaches: boolean
  text(untrusted: string): string
  /** On one line. */
  code(untrusted: string): string
  /** Of several lines. */
  block(untrusted: string): string
  bold(written: string): string
  /** A moment (epoch ms) in its reader's zone. */
  time(at: number): string
  /** `url` is one of ours. */
  link(url: string, label: string): string
}
