import { Fault, Lane, QueueLimitsChange, QueueView } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { type Caller, callerOf, operates } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { problems } from "../http/schemas.ts"
import { mustBeThere, viewQueue } from "./queue.ts"

/** What changes of a lane's limits. */
const LimitsRequest = QueueLimitsChange.extend({ lane: Lane.default("deep") })

/** By which rules a lane's slots are given away. */
export const queueLimitRoutes = (app: App, gateway: Gateway): void => {
  app.post(
    "/v1/queue/limits",
    {
      schema: {
        summary: "Change the deep lane's limits: what is not named stays, null takes a limit away",
        description:
          "The admins of a team change the limits of its repos and of its people. All else, and other teams', is for the key of the settings and the admins of the team default. What runs goes on; what is given out from then on keeps the new limits.",
        tags: ["queue"],
        body: LimitsRequest,
        response: { 200: QueueView, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: "",
        repeatable: true,
        act: async () => {
          const caller = callerOf(request)
          const { lane, ...change } = request.body
          if (lane === "fast")
            throw new Fault(
              "not-in-fast-lane",
              "A turn of the fast lane starts at once or is refused with lane-full: its slots are its only limit (TWOLANE_FAST_CONCURRENCY).",
            )
          refuseOthers(caller, change)
          await mustKnowRepos(gateway, change)
          await gateway.store.setLimits(lane, change)
          return { status: 200, body: await viewQueue(gateway, caller) }
        },
      }),
  )
}

/** A team sees to its own repos and people; what it has of the lane is no matter of its own. @throws Fault forbidden */
const refuseOthers = (caller: Caller, { teams = {}, ...ofLane }: QueueLimitsChange): void => {
  if (operates(caller)) return
  const { repos: _repos, perPerson: _perPerson, ...more } = teams[caller.team] ?? {}
  const others = [
    ...Object.keys(ofLane),
    ...Object.keys(teams).filter(name => name !== caller.team),
    ...Object.keys(more),
  ]
  if (others.length > 0)
    throw new Fault(
      "forbidden",
      `A team sees to its own repos and people: ask whoever runs Twolane to change ${others.join(", ")}.`,
    )
}

/** A limit of a repo that is not there would be a mistyped name; one that is left over may go. @throws Fault not-found */
const mustKnowRepos = async (gateway: Gateway, { teams = {} }: QueueLimitsChange): Promise<void> => {
  for (const [team, { repos = {} }] of Object.entries(teams))
    for (const [repo, most] of Object.entries(repos))
      if (most !== null) await mustBeThere(gateway, team, repo)
}
