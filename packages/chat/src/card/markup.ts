/**
 * How a platform writes what we say. Whatever comes from a model, a repository, a test or a person goes through `text` or `code`: it is then
 * shown as it is, rings nobody, and links nowhere.
 */
export type Markup = {
  text(untrusted: string): string
  /** On one line. */
  code(untrusted: string): string
  /** Of several lines. */
  block(untrusted: string): string
  bold(written: string): string
  /** `url` is one of ours. */
  link(url: string, label: string): string
}
