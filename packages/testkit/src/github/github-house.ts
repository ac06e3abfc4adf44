import { mkdir, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type House, type HouseOptions, startHouse } from "../house.ts"
import { type HttpsRemote, startHttpsRemote } from "../https-remote.ts"
import type { TempRepo } from "../repo.ts"
import { makeTempFolder } from "../temp.ts"
import { type GithubDouble, startGithub } from "./start-github.ts"

/** A house whose repo `shop` is a private repository at the double of GitHub, linked through its App. */
export type GithubHouse = AsyncDisposable & {
  house: House
  github: GithubDouble
  remote: HttpsRemote
  /** Where the App's key lies. */
  keyFile: string
  /** The bare repository behind it. */
  bare: string
}

/** Starts it; git is let in by the installation's token alone. Needs openssl. */
export const startGithubHouse = async (
  repo: TempRepo,
  options: HouseOptions & { link?: Record<string, unknown> },
): Promise<GithubHouse> => {
  const stack = new AsyncDisposableStack()
  try {
    const root = stack.use(await makeTempFolder("twl-github-"))
    const bare = join(root.path, "acme", "shop.git")
    await mkdir(join(root.path, "acme"))
    await rename(await repo.cloneBare(), bare)
    const github = stack.use(await startGithub({ id: 81_001, owner: "acme", name: "shop" }))
    const remote = stack.use(await startHttpsRemote(root.path, null))
    const keyFile = join(root.path, "app.pem")
    await writeFile(keyFile, github.privateKey, { mode: 0o600 })
    const env = {
      GIT_SSL_CAINFO: remote.ca,
      TWOLANE_GITHUB_API_URL: github.url,
      TWOLANE_GITHUB_APP_ID: String(github.appId),
      TWOLANE_GITHUB_KEY_FILE: keyFile,
      TWOLANE_GITHUB_WEBHOOK_SECRET: github.webhookSecret,
      ...options.env,
    }
    const house = stack.use(await startHouse({ ...options, env }))
    const source = `${remote.origin}/acme/shop.git`
    await must(house, "POST", "/v1/repos", { name: "shop", source })
    await must(house, "PUT", "/v1/repos/shop/github", options.link ?? {})
    remote.admit({ user: "x-access-token", token: github.state.token })
    const owned = stack.move()
    return { house, github, remote, keyFile, bare, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

const must = async (house: House, ...call: Parameters<House["call"]>): Promise<void> => {
  const answer = await house.call(...call)
  if (answer.status >= 300) throw new Error(`${call[1]}: ${answer.text}`)
}
