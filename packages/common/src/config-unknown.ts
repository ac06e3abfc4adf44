/**
 * One line for each variable that begins with `TWOLANE_` and is no setting. A warning and not an error: Kubernetes puts
 * `TWOLANE_GATEWAY_SERVICE_HOST` and the like into every pod beside a service of that name.
 */
export const unknownSettings = (
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): string[] =>
  Object.keys(env)
    .filter(name => name.startsWith("TWOLANE_") && !known.includes(name))
    .sort()
    .map(name => {
      const near = known.find(candidate => editDistance(name, candidate) <= 2)
      return near === undefined
        ? `${name} is not a setting of Twolane and is ignored`
        : `${name} is not a setting of Twolane and is ignored: did you mean ${near}?`
    })

/** How many characters must be added, dropped or changed to make `a` into `b`. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, left] of a.split("").entries()) {
    const next = [i + 1]
    for (const [j, right] of b.split("").entries()) {
      const change = (row[j] ?? 0) + (left === right ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
