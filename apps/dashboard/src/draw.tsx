import type { FirstLook } from "@twolane/protocol"
import { renderToStaticMarkup } from "react-dom/server"
import { me } from "./client.ts"
import { takeFirstLook } from "./first-look.ts"
import { Page } from "./page.tsx"
import { createPageRouter } from "./router.tsx"
import { drawnNarrow } from "./views/queue/use-narrow.ts"

/** Draws one after another: who looks is one value of the whole page. */
let last: Promise<unknown> = Promise.resolve()

/**
 * Draws the queue as its reader sees it first, as HTML: by the same components as in a browser, with nothing loaded and nothing started.
 * It has no style of its own, and is put in the page's place until the script takes over.
 */
export const drawQueue = (look: FirstLook, window: { narrow: boolean }): Promise<string> => {
  const drawn = last.then(() => draw(look, window))
  last = drawn.catch(() => undefined)
  return drawn
}

const draw = async (look: FirstLook, { narrow }: { narrow: boolean }): Promise<string> => {
  const router = createPageRouter("/")
  const { queries } = router.options.context
  try {
    takeFirstLook(look, router.options.context)
    drawnNarrow.set(narrow)
    await router.load()
    return renderToStaticMarkup(<Page router={router} />)
  } finally {
    queries.clear()
    me.set(null)
  }
}
