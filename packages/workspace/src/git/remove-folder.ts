import { spawn } from "node:child_process"
import { neverAborted } from "@twolane/common/lifetime"
import { handOfProcess } from "../hand/hand.ts"
import { bareEnv } from "./settings.ts"

/** Removes a folder in a process of its own (a tree of 78,000 files would keep our file threads busy for seconds). Never rejects. */
export const removeFolder = async (path: string): Promise<void> => {
  const hand = handOfProcess()
  if (hand === null) return removeHere(path)
  // A hand that was lost may have left some of it.
  await hand.ask("remove", path, neverAborted()).catch(() => removeHere(path))
}

/** As `removeFolder`, by a process of this one's. */
export const removeHere = async (path: string): Promise<void> => {
  if (await done("nice", ["-n", "10", "rm", "-rf", "--", path])) return
  // An agent may have taken its own folders' write permission away.
  await done("chmod", ["-R", "u+rwX", "--", path])
  await done("rm", ["-rf", "--", path])
}

const done = (program: string, args: readonly string[]): Promise<boolean> =>
  new Promise(resolve => {
    const child = spawn(program, args, { stdio: "ignore", env: bareEnv() })
    child.once("error", () => resolve(false))
    child.once("close", code => resolve(code === 0))
  })
