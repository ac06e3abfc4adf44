import { type House, type HouseOptions, startHouse } from "../house.ts"
import { type ModelServer, startModel } from "../model/start-model.ts"
import type { RepoFiles, TempRepo } from "../repo.ts"
import { makeLibrary } from "./library.ts"
import { playing, type Scene } from "./scenes.ts"
import { register } from "./tasks.ts"

/** A house with the library as its repo `sums`, and a model that plays scenes. */
export type PlayedHouse = AsyncDisposable & {
  readonly house: House
  readonly model: ModelServer
  readonly library: TempRepo
  /** What the model was asked, each request's items as JSON. */
  readonly heard: string[]
}

/** Starts all three; disposing it ends them. `files` are the library's, with more or other ones. */
export const startPlayedHouse = async (
  scenes: Record<string, Scene>,
  { files, ...options }: Omit<HouseOptions, "modelUrl"> & { files?: RepoFiles } = {},
): Promise<PlayedHouse> => {
  await using starting = new AsyncDisposableStack()
  const heard: string[] = []
  const play = playing(scenes)
  const model = starting.use(
    await startModel({
      script: request => {
        heard.push(JSON.stringify(request.items))
        return play(request)
      },
    }),
  )
  const house = starting.use(await startHouse({ modelUrl: model.url, ...options }))
  const library = starting.use(await makeLibrary(files))
  await register(house, "sums", library)
  const stack = starting.move()
  return { house, model, library, heard, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
