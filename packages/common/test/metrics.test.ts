import { expect, test } from "vitest"
import { createMetrics } from "../src/metrics.ts"

test("every metric of ours carries the prefix", async () => {
  const names = (await createMetrics().registry.getMetricsAsJSON()).map(metric => metric.name)
  expect(names.filter(name => !name.startsWith("twolane_"))).toEqual([])
})
