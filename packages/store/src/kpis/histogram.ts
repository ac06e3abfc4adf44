/** Buckets grow by a tenth: a quantile read from them is at most 5 % off, and any two sets of buckets add up. */
const growth = Math.log(1.1)

/** The bucket of a value ≥ 0; zero has its own. */
export const bucketOf = (value: number): string =>
  value <= 0 ? "z" : String(Math.round(Math.log(value) / growth))

const middleOf = (bucket: string): number => (bucket === "z" ? 0 : Math.exp(Number(bucket) * growth))

/** Counts by bucket. */
export type Histogram = Map<string, number>

/** Adds to a bucket. */
export const addTo = (histogram: Histogram, bucket: string, count: number): void => {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + count)
}

/** How many values there are. */
export const countOf = (histogram: Histogram): number =>
  [...histogram.values()].reduce((sum, count) => sum + count, 0)

/** The value that a share of all are at most; null of none. */
export const quantileOf = (histogram: Histogram, share: number): number | null => {
  const total = countOf(histogram)
  if (total === 0) return null
  let seen = 0
  for (const [value, count] of [...histogram]
    .map(([bucket, count]) => [middleOf(bucket), count] as const)
    .toSorted(([a], [b]) => a - b)) {
    seen += count
    if (seen >= share * total) return value
  }
  return null
}
