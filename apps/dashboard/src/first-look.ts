import type { QueryClient } from "@tanstack/react-query"
import { type FirstLook, firstLookId } from "@twolane/protocol"
import { me } from "./client.ts"
import type { Live } from "./live/live.ts"
import { laneFigures, repoList, workerList } from "./queries.ts"
import { endedTasks } from "./views/queue/use-ended-tasks.ts"
import { lineStart, readLines, waitingTasks } from "./views/queue/use-waiting-tasks.ts"

/** What came with the page; null when nobody is signed in, and in development. */
export const readFirstLook = (): FirstLook | null => {
  const block = document.getElementById(firstLookId)
  if (block === null) return null
  // It is only true now, and nobody else's.
  block.remove()
  return JSON.parse(block.textContent) as FirstLook
}

type Known = { queries: QueryClient; live: Live }

/** Takes in what came with the page, as if the page had asked for each part: the first view is made once, with its data in it. */
export const takeFirstLook = (look: FirstLook, { queries, live }: Known): void => {
  me.set(look.me)
  if (look.queue === null) return
  const { lanes, workers, repos, running, waiting, lines, newest } = look.queue
  queries.setQueryData(laneFigures.queryKey, lanes)
  queries.setQueryData(workerList.queryKey, workers)
  if (repos.nextCursor === null) queries.setQueryData(repoList.queryKey, repos)
  queries.setQueryData(endedTasks(live, {}).queryKey, firstPage("", newest.nextCursor))
  queries.setQueryData(waitingTasks(live).queryKey, firstPage(lineStart, readLines(lines)))
  live.learn([running, waiting, lines.fast, lines.deep, newest].flatMap(({ items }) => items))
}

const firstPage = <Param, Page>(pageParam: Param, page: Page) => ({ pages: [page], pageParams: [pageParam] })
