/** Says a line about how a run goes. */
export type Say = (line: string) => void

/** Puts the seconds since now before each line. */
export const withTime = (say: Say): Say => {
  const beganAt = performance.now()
  return line => say(`${((performance.now() - beganAt) / 1_000).toFixed(1).padStart(7)} s: ${line}`)
}
