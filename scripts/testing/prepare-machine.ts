import { preflight } from "../../apps/cli/src/preflight/preflight.ts"
import { partEnvironment } from "../../packages/common/src/index.ts"

/** Whether the programs that tests and benches run are there; those that are missing are installed where that is allowed. */
export const prepareMachine = (): Promise<boolean> => {
  const needed = [
    "git",
    "redis",
    "chromium",
    ...(process.platform === "linux" ? ["bubblewrap" as const] : []),
  ] as const
  return preflight({ needed, allowed: partEnvironment({}).TWOLANE_INSTALL !== "0", say: console.error })
}
