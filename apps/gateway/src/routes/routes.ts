import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { auditRoutes } from "./audit.ts"
import { batchRoutes } from "./batch.ts"
import { cancelManyRoute } from "./cancel-many.ts"
import { chatRoutes } from "./chat.ts"
import { diskRoutes } from "./disk.ts"
import { eventRoutes } from "./events.ts"
import { gateRoutes } from "./gates.ts"
import { githubRoutes } from "./github.ts"
import { groupRoutes } from "./groups.ts"
import { keyRoutes } from "./keys.ts"
import { kpiRoutes } from "./kpis.ts"
import { liveRoute } from "./live.ts"
import { lookBackRoutes } from "./look-back.ts"
import { mcpRoute } from "./mcp.ts"
import { queueRoutes } from "./queue.ts"
import { queueLimitRoutes } from "./queue-limits.ts"
import { repoRoutes } from "./repos.ts"
import { reviewRoutes } from "./review.ts"
import { secretRoutes } from "./secrets.ts"
import { sessionRoutes } from "./session.ts"
import { spendRoutes } from "./spend.ts"
import { taskRoutes } from "./tasks.ts"
import { teamEventRoutes } from "./team-events.ts"
import { turnRoutes } from "./turns.ts"
import { undoRoute } from "./undo.ts"
import { webhookRoutes } from "./webhooks.ts"
import { workerRoutes } from "./workers.ts"

/** Every route that asks for a key. */
export const routes = (app: App, gateway: Gateway): void => {
  sessionRoutes(app, gateway)
  auditRoutes(app, gateway)
  keyRoutes(app, gateway)
  repoRoutes(app, gateway)
  secretRoutes(app, gateway)
  githubRoutes(app, gateway)
  lookBackRoutes(app, gateway)
  taskRoutes(app, gateway)
  batchRoutes(app, gateway)
  cancelManyRoute(app, gateway)
  groupRoutes(app, gateway)
  turnRoutes(app, gateway)
  undoRoute(app, gateway)
  diskRoutes(app, gateway)
  eventRoutes(app, gateway)
  teamEventRoutes(app, gateway)
  gateRoutes(app, gateway)
  reviewRoutes(app, gateway)
  queueRoutes(app, gateway)
  queueLimitRoutes(app, gateway)
  spendRoutes(app, gateway)
  workerRoutes(app, gateway)
  kpiRoutes(app, gateway)
  webhookRoutes(app, gateway)
  chatRoutes(app, gateway)
  liveRoute(app, gateway)
  mcpRoute(app, gateway)
}
