/** A strict reader of Prometheus' text format 0.0.4: it refuses what a lenient one would let pass. */

export type Sample = { name: string; labels: Record<string, string>; value: number }
export type Family = { type: string; help: string; samples: Sample[] }

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/gy
const number = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/i

/** All families by name. Throws at the first line that breaks a rule of the format. */
export const parsePrometheus = (text: string): Map<string, Family> => {
  if (!text.endsWith("\n")) throw new Error("the last line has no end")
  const families = new Map<string, Family>()
  const series = new Set<string>()
  let current = ""
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") continue
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind === "HELP") {
      if (!metricName.test(name) || families.has(name)) throw new Error(`a wrong or second HELP: ${line}`)
      families.set(name, { type: "", help: rest, samples: [] })
      current = name
    } else if (kind === "TYPE") {
      const family = families.get(name)
      if (family === undefined || name !== current || family.type !== "" || !types.has(rest))
        throw new Error(`a misplaced TYPE: ${line}`)
      family.type = rest
    } else {
      const sample = readSample(line)
      const key = JSON.stringify([
        sample.name,
        Object.entries(sample.labels).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ])
      if (series.has(key)) throw new Error(`the same series twice: ${line}`)
      series.add(key)
      const family = families.get(current)
      if (family === undefined || !namesOf(current, family.type).includes(sample.name))
        throw new Error(`a sample outside its family: ${line}`)
      family.samples.push(sample)
    }
  }
  for (const [name, family] of families) if (family.type === "histogram") checkHistogram(name, family)
  return families
}

const types: ReadonlySet<string> = new Set(["counter", "gauge", "histogram", "summary"])

const namesOf = (name: string, type: string): string[] => {
  if (type === "histogram") return [`${name}_bucket`, `${name}_sum`, `${name}_count`]
  return type === "summary" ? [name, `${name}_sum`, `${name}_count`] : [name]
}

const readSample = (line: string): Sample => {
  const [, name = "", inside = "", value = ""] = sampleLine.exec(line) ?? []
  if (name === "" || !number.test(value)) throw new Error(`not a sample: ${line}`)
  const labels: Record<string, string> = {}
  labelPair.lastIndex = 0
  let read = 0
  for (let pair = labelPair.exec(inside); pair !== null; pair = labelPair.exec(inside)) {
    const [, label = "", text = ""] = pair
    if (label in labels) throw new Error(`a label twice: ${line}`)
    labels[label] = text.replaceAll(/\\([\\"n])/g, (_, letter: string) => (letter === "n" ? "\n" : letter))
    read = labelPair.lastIndex
  }
  if (read !== inside.length) throw new Error(`wrong labels: ${line}`)
  return { name, labels, value: value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value) }
}

/** Buckets rise with their bounds, the last is `+Inf`, and it is the count. */
const checkHistogram = (name: string, { samples }: Family): void => {
  const bySeries = Map.groupBy(samples, ({ labels: { le: _le, ...labels } }) => JSON.stringify(labels))
  for (const ofSeries of bySeries.values()) {
    const buckets = ofSeries.filter(sample => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => (labels.le === "+Inf" ? Infinity : Number(labels.le)))
    const rises = (values: readonly number[]) =>
      values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0))
    const count = ofSeries.find(sample => sample.name === `${name}_count`)?.value
    const last = buckets.at(-1)
    const sums = ofSeries.filter(sample => sample.name === `${name}_sum`).length
    if (!rises(bounds) || new Set(bounds).size !== bounds.length || !rises(buckets.map(({ value }) => value)))
      throw new Error(`the buckets of ${name} do not rise`)
    if (last?.labels.le !== "+Inf" || last.value !== count || sums !== 1)
      throw new Error(`${name} has no whole histogram`)
  }
}

/** The one sample with these labels; 0 when there is none. */
export const amountOf = (
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Record<string, string>,
): number => {
  const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ""))
  const found = family?.samples.filter(
    sample =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  return (found ?? []).reduce((sum, { value }) => sum + value, 0)
}
