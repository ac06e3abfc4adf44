import { type Profiler, Session } from "node:inspector/promises"

const shown = 6

/** Does some work and tells in which functions of this process its time went (by themselves, not by what they call). */
export const profileCpu = async (work: () => Promise<unknown>): Promise<string> => {
  const session = new Session()
  session.connect()
  await session.post("Profiler.enable")
  await session.post("Profiler.start")
  await work()
  const { profile } = await session.post("Profiler.stop")
  session.disconnect()
  return `this process: ${hottest(profile).join(", ")}`
}

const hottest = ({ nodes, samples = [] }: Profiler.Profile): string[] => {
  const names = new Map(nodes.map(node => [node.id, nameOf(node)]))
  const counts = new Map<string, number>()
  for (const sample of samples) {
    const name = names.get(sample) ?? ""
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const busy = samples.length - (counts.get("(idle)") ?? 0)
  counts.delete("(idle)")
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, shown)
    .map(([name, count]) => `${name} ${Math.round((count / busy) * 100)} %`)
}

const nameOf = ({ callFrame: { functionName, url, lineNumber } }: Profiler.ProfileNode): string => {
  const file = url.split("/").slice(-2).join("/")
  if (url === "") return functionName
  return `${functionName === "" ? "(anonymous)" : functionName} ${file}:${lineNumber + 1}`
}
