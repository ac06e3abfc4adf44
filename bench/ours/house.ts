import {
  type House,
  type HouseOptions,
  type ModelServer,
  type Script,
  say,
  startHouse,
  startModel,
} from "@twolane/testkit"
import { generateRepo } from "../generated-repo.ts"

/** The product as processes, with a model double and one registered repository. */
export type BenchHouse = AsyncDisposable & { house: House; model: ModelServer }

/** The name of the repository. */
export const benchRepo = "bench"

const files = 20

/** Starts the house; `script` is what its model says. */
export const openHouse = async (
  options: Omit<HouseOptions, "modelUrl"> & { script?: Script },
): Promise<BenchHouse> => {
  const { script = () => say("Done."), ...rest } = options
  await using stack = new AsyncDisposableStack()
  const model = stack.use(await startModel({ script }))
  const source = stack.use(await generateRepo(files))
  const house = stack.use(
    await startHouse({ ...rest, modelUrl: model.url, env: { LOG_LEVEL: "error", ...rest.env } }),
  )
  const made = await house.call("POST", "/v1/repos", { name: benchRepo, source: source.path })
  if (made.status !== 201) throw new Error(`the repository was refused: ${made.text}`)
  const owned = stack.move()
  return { house, model, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
