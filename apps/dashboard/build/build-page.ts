import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { LogLevel } from "vite"
import { compressAll } from "./compress.ts"
import { underLock } from "./lock.ts"
import { readStamp, stampOf } from "./stamp.ts"

const home = resolve(import.meta.dirname, "..")

/**
 * Builds the page beside the one that is there, and then puts it in its place, so that a gateway never serves half of one. What fails
 * stands in `dist.note`, which the gateway shows in the page's place. Answers false when nothing was to do.
 */
export const buildPage = async (options: { ifNeeded: boolean; logLevel: LogLevel }): Promise<boolean> => {
  const target = join(home, "dist")
  return await underLock(`${target}.lock`, async () => {
    const stamp = await stampOf(home)
    if (options.ifNeeded && (await readStamp(target)) === stamp) return false
    try {
      await buildInto(`${target}.next`, stamp, options.logLevel)
    } catch (error) {
      await writeFile(
        `${target}.note`,
        `The build failed: ${error instanceof Error ? error.message : String(error)}\n`,
      )
      throw error
    }
    await rm(target, { recursive: true, force: true })
    await rename(`${target}.next`, target)
    await rm(`${target}.note`, { force: true })
    return true
  })
}

const buildInto = async (folder: string, stamp: string, logLevel: LogLevel): Promise<void> => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  // Only here, so that an installation without it has its note too.
  const { build } = await import("vite")
  const options = { root: home, configFile: join(home, "vite.config.ts"), logLevel }
  await build({ ...options, build: { outDir: folder } })
  // What draws the queue for the gateway: in a folder that is not served.
  const drawing = {
    outDir: join(folder, ".draw"),
    ssr: "src/draw.tsx",
    copyPublicDir: false,
    manifest: false,
  }
  await build({ ...options, build: drawing })
  await compressAll(join(folder, "assets"))
  await writeFile(join(folder, ".stamp"), stamp)
}
