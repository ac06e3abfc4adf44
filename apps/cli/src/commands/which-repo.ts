import type { Repo } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { UsageError } from "../exit.ts"
import { originUrl, topFolder } from "./checkout.ts"

/**
 * The repo a command is about: the one that was named, the one whose source is this checkout (its folder or its origin), or the only
 * one there is.
 * @throws UsageError when that is none or several.
 */
export const whichRepo = async ({ client, signal }: Context, named: string | undefined): Promise<string> => {
  if (named !== undefined) return named
  const { items } = await client.repos({ limit: 200 }, { signal })
  return chooseRepo(items, await topFolder(), await originUrl())
}

/** As `whichRepo`, of a list of repos. */
export const chooseRepo = (repos: readonly Repo[], folder: string | null, origin: string | null): string => {
  const here = repos.filter(repo => repo.source === folder || repo.source === origin)
  const [only, ...others] = here.length > 0 ? here : repos
  if (only === undefined)
    throw new UsageError("No repo is registered: twolane repos add <name> <path or URL>")
  if (others.length > 0)
    throw new UsageError(`Which repo? Name it with -r: ${repos.map(repo => repo.name).join(", ")}`)
  return only.name
}
