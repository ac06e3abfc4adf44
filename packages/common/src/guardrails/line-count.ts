/** Above this many differing lines the count is a lower bound: enough to be over any sensible limit. */
const maxDistance = 2_000

/** How many lines a change adds and removes: the shortest edit, as `git diff --numstat` counts (Myers 1986). */
export function countChangedLines(before: string, after: string): { added: number; removed: number } {
  const a = cut(before)
  const b = cut(after)
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end += 1
  const left = a.slice(start, a.length - end)
  const right = b.slice(start, b.length - end)
  const distance = editDistance(left, right) ?? unlikeLines(left, right)
  // Each line that stays is in both: distance = added + removed, added - removed = difference in length.
  const added = (distance + right.length - left.length) / 2
  return { added, removed: distance - added }
}

/** A text's lines with their ends, so that a change of line ends, or of the final newline, is a change. */
const cut = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

function editDistance(a: readonly string[], b: readonly string[]): number | null {
  if (a.length === 0 || b.length === 0) return a.length + b.length
  const limit = Math.min(a.length + b.length, maxDistance)
  const reach = new Int32Array(2 * limit + 3)
  const middle = limit + 1
  for (let distance = 0; distance <= limit; distance += 1)
    for (let k = -distance; k <= distance; k += 2) {
      const below = reach[middle + k + 1] ?? 0
      const above = reach[middle + k - 1] ?? 0
      let x = k === -distance || (k !== distance && above < below) ? below : above + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1
      reach[middle + k] = x
      if (x >= a.length && x - k >= b.length) return distance
    }
  return null
}

/** Lines that one side has and the other has not, wherever they stand: never more than the edit distance. */
function unlikeLines(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const line of a) counts.set(line, (counts.get(line) ?? 0) + 1)
  for (const line of b) counts.set(line, (counts.get(line) ?? 0) - 1)
  let unlike = 0
  for (const count of counts.values()) unlike += Math.abs(count)
  return unlike
}
