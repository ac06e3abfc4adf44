import {
  type HouseOptions,
  makeRepo,
  type RepoFiles,
  type Script,
  startModel,
  type TempRepo,
} from "@twolane/testkit"
import { startPage, type TestPage } from "./start-page.ts"

/** What a test is about: what the model says, and what the repo `shop` holds. */
export type ShopOptions = Omit<HouseOptions, "modelUrl"> & { script: Script; files?: RepoFiles }

/** A house with its page, and the repo `shop` as it is outside of it. */
export type Shop = TestPage & { readonly repo: TempRepo }

/** A house with its page, a simulated model and one registered repo, `shop`. */
export const startShop = async ({
  script,
  files = { "a.txt": "a\n" },
  ...house
}: ShopOptions): Promise<Shop> => {
  await using opened = new AsyncDisposableStack()
  const model = opened.use(await startModel({ script }))
  const repo = opened.use(await makeRepo({ files }))
  const page = opened.use(await startPage({ modelUrl: model.url, ...house }))
  await page.house.call("POST", "/v1/repos", { name: "shop", source: repo.path })
  const all = opened.move()
  return { ...page, repo, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
