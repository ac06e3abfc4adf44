/** One metric of the fleet under its Prometheus name, in base units. */
export type Total = { name: string; help: string; type: "counter" | "histogram"; series: TotalSeries[] }
/** One set of labels. A histogram's buckets count what is at most their bound, as Prometheus wants them; `count` is all. */
export type TotalSeries = { labels: Record<string, string> } & (
  | { value: number }
  | { buckets: { bound: number; count: number }[]; count: number; sum: number }
)
