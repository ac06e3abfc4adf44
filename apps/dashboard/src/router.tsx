import type { QueryClient } from "@tanstack/react-query"
import {
  createMemoryHistory,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router"
import { client, me } from "./client.ts"
import { createLive, type Live } from "./live/live.ts"
import { createQueries } from "./queries.ts"
import { isSignedOut, loadMe } from "./session/session.ts"
import { Shell } from "./shell/shell.tsx"
import { Empty } from "./ui/empty.tsx"
import { ProblemNote } from "./ui/problem-note.tsx"
import { Toasts } from "./ui/toasts.tsx"
import { readPrepared } from "./views/ask/prepared.ts"
import { readAuditSearch } from "./views/audit/search.ts"
import { readNumbersSearch } from "./views/numbers/search.ts"
import { readFilter } from "./views/queue/filter.ts"
import { loadQueue } from "./views/queue/load-queue.ts"
import { QueueView } from "./views/queue/queue-view.tsx"
import { exchange } from "./views/sign-in/exchange.ts"
import { readTaskSearch } from "./views/task/search.ts"

/** What the whole page shares. */
type PageContext = { queries: QueryClient; live: Live }

const root = createRootRouteWithContext<PageContext>()({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
  errorComponent: ({ error, reset }) => (
    <div className="mx-auto max-w-2xl p-6">
      <ProblemNote error={error} onRetry={reset} />
    </div>
  ),
})

const NoSuchPage = () => (
  <Empty title="There is no such page">
    The address may be mistyped.{" "}
    <Link to="/" className="text-accent underline">
      Go to the queue
    </Link>
  </Empty>
)

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  loader: exchange,
  component: lazyRouteComponent(() => import("./views/sign-in/sign-in-view.tsx"), "SignInView"),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  beforeLoad: async () => {
    if (me.get() === null) await loadMe().catch(leaveSignedOut)
  },
})

const leaveSignedOut = (error: unknown): never => {
  throw isSignedOut(error) ? redirect({ to: "/sign-in" }) : error
}

// Each view is a chunk of its own, but for the one that is mostly seen first. Its search parameters are read by a small function that takes anything and throws nothing.
const queue = createRoute({
  getParentRoute: () => shell,
  path: "/",
  validateSearch: readFilter,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => loadQueue(context.queries, context.live, deps),
  component: QueueView,
})

const ask = createRoute({
  getParentRoute: () => shell,
  path: "/ask",
  validateSearch: readPrepared,
  component: lazyRouteComponent(() => import("./views/ask/ask-view.tsx"), "AskView"),
})

const task = createRoute({
  getParentRoute: () => shell,
  path: "/tasks/$task",
  validateSearch: readTaskSearch,
  component: lazyRouteComponent(() => import("./views/task/task-view.tsx"), "TaskView"),
})

const numbers = createRoute({
  getParentRoute: () => shell,
  path: "/numbers",
  validateSearch: readNumbersSearch,
  component: lazyRouteComponent(() => import("./views/numbers/numbers-view.tsx"), "NumbersView"),
})

const repos = createRoute({
  getParentRoute: () => shell,
  path: "/repos",
  component: lazyRouteComponent(() => import("./views/repos/repos-view.tsx"), "ReposView"),
})

const keys = createRoute({
  getParentRoute: () => shell,
  path: "/keys",
  component: lazyRouteComponent(() => import("./views/keys/keys-view.tsx"), "KeysView"),
})

const webhooks = createRoute({
  getParentRoute: () => shell,
  path: "/webhooks",
  component: lazyRouteComponent(() => import("./views/webhooks/webhooks-view.tsx"), "WebhooksView"),
})

const audit = createRoute({
  getParentRoute: () => shell,
  path: "/audit",
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import("./views/audit/audit-view.tsx"), "AuditView"),
})

// Also in the shell: from there one goes on. Who is not signed in learns nothing of it.
const nowhere = createRoute({ getParentRoute: () => shell, path: "$", component: NoSuchPage })

const routeTree = root.addChildren([
  signIn,
  shell.addChildren([queue, ask, task, numbers, repos, keys, webhooks, audit, nowhere]),
])

/** The page's addresses, with nothing loaded. `at` stands for the browser's address where there is no browser. */
export const createPageRouter = (at?: string) =>
  createRouter({
    context: { queries: createQueries(), live: createLive(client) },
    routeTree,
    defaultPreload: "intent",
    scrollRestoration: false,
    ...(at !== undefined && { history: createMemoryHistory({ initialEntries: [at] }) }),
  })
/** @public */
export type PageRouter = ReturnType<typeof createPageRouter>

declare module "@tanstack/react-router" {
  interface Register {
    router: PageRouter
  }
}
