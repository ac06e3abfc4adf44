/** The names that are known at a place of a program: each declaration has a name of its own in JavaScript. */
export type Scope = {
  /** Declares a local; one of the same name before it is hidden from here on. */
  declare: (name: string) => string
  /** What a name stands for here; null: it is no local. */
  find: (name: string) => string | null
  /** A scope within this one. */
  inner: () => Scope
}

/** Makes the outermost scope; `taken` are names that stand for themselves. */
export const makeScope = (taken: readonly string[]): Scope => {
  let count = 0
  const open = (outer: Scope | null): Scope => {
    const names = new Map<string, string>(outer === null ? taken.map(name => [name, name]) : [])
    const scope: Scope = {
      declare: name => {
        const own = `${name}_${++count}`
        names.set(name, own)
        return own
      },
      find: name => names.get(name) ?? outer?.find(name) ?? null,
      inner: () => open(scope),
    }
    return scope
  }
  return open(null)
}
