import type { Total } from "@twolane/store"

type Labels = Record<string, string>

/** Metrics of the fleet in Prometheus' text format, version 0.0.4. */
export const prometheusText = (totals: readonly Total[]): string => totals.map(familyText).join("")

const familyText = ({ name, help, type, series }: Total): string => {
  const lines = series.flatMap(one => {
    if ("value" in one) return [line(name, one.labels, one.value)]
    const bucket = (le: string, count: number) => line(`${name}_bucket`, { ...one.labels, le }, count)
    return [
      ...one.buckets.map(({ bound, count }) => bucket(String(bound), count)),
      bucket("+Inf", one.count),
      line(`${name}_sum`, one.labels, one.sum),
      line(`${name}_count`, one.labels, one.count),
    ]
  })
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n")
}

const line = (name: string, labels: Labels, value: number): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`
}

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
