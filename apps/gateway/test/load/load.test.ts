import { expect, test } from "vitest"
import { runLoad } from "./load.ts"

const size = { queued: 300, watchers: 100, streams: 6 }
const timeoutMs = 240_000

// The whole of it is `npm run test:load`: ten thousand tasks, a thousand watchers, a hundred streams.
test(
  "a queue that is full, many watchers, streams at once, and readers that never read: nothing is lost, and those alone are dropped",
  async () => {
    const lines: string[] = []
    const { wrong, figures } = await runLoad(
      size,
      line => void lines.push(line),
      AbortSignal.timeout(timeoutMs),
    )
    expect(wrong, lines.join("\n")).toEqual([])
    expect(figures).toMatchObject({ queued: 300, ended: 307, teamEvents: expect.any(Number) })
    // It missed most of what came.
    expect(figures.beforeItWasDropped).toBeLessThan(figures.loudEvents ?? 0)
    console.log(JSON.stringify(figures))
  },
  timeoutMs,
)
