/** A git remote that remembers who pushed what, as the outside sees it. */
export type Remote = {
  head: (branch: string) => string | null
  /** With a lease: moves the branch only when it is where the pusher saw it. The same head again is no push. */
  push: (branch: string, head: string, expected: string | null) => boolean
  /** Every move that happened, as `branch head`. */
  moves: string[]
}

/** Makes an empty one. */
export const makeRemote = (): Remote => {
  const heads = new Map<string, string>()
  const moves: string[] = []
  return {
    head: branch => heads.get(branch) ?? null,
    push: (branch, head, expected) => {
      const before = heads.get(branch) ?? null
      if (before === head) return true
      if (before !== expected) return false
      heads.set(branch, head)
      moves.push(`${branch} ${head}`)
      return true
    },
    moves,
  }
}
