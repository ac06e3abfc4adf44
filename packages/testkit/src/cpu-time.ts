/** How long this thread computes for a call, in ms. A busy machine stretches the time by the clock, and not this one. */
export const cpuMsOf = (act: () => void): number => {
  const before = process.threadCpuUsage()
  act()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}
