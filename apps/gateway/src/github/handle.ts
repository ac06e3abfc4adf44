import { mayWrite, sayOnce } from "@twolane/github"
import { type Fault, isFault, type Repo } from "@twolane/protocol"
import type { Received } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import type { Scene } from "./acting.ts"
import { type GithubDelivery, readDelivery } from "./deliveries.ts"
import { onChecks } from "./on-checks.ts"
import { onComment, wordsOf } from "./on-comment.ts"
import { onReview } from "./on-review.ts"
import { isOurBranch } from "./our-task.ts"

/** GitHub sends again what is at most three days old; what is older was replayed. */
const mostAgeMs = 4 * 86_400_000

/**
 * Does what a delivery of GitHub asks for: of a repository that a repo is linked with, by somebody who may write to it.
 * @throws Postponed when GitHub cannot be asked
 */
export const handleDelivery = async (
  gateway: Gateway,
  received: Received,
  signal: AbortSignal,
): Promise<void> => {
  const delivery = readDelivery(received.headers["x-github-event"] ?? "", received.raw)
  if (delivery === null || gateway.store.now() - delivery.at > mostAgeMs) return
  const repo = await gateway.store.findGithubRepo(delivery.repository)
  if (repo?.github === undefined || repo.github.installation !== delivery.installation) return
  if (!concerns(gateway, repo, delivery)) return
  const place = await gateway.github.placeOf(repo, null, signal)
  const scene: Scene = { gateway, repo, place, delivery }
  try {
    await act(scene, signal)
  } catch (error) {
    if (!isFault(error) || isPassing(error)) throw error
    await sayRefusal(scene, error, signal)
  }
}

/** Most of what is said in a repository is not said to us: GitHub need not be asked for that. */
const concerns = (gateway: Gateway, repo: Repo, delivery: GithubDelivery): boolean => {
  switch (delivery.what) {
    case "comment":
    case "label":
      return wordsOf(gateway, repo, delivery) !== null
    case "checks":
      return isOurBranch(delivery.branch)
    default:
      return true
  }
}

const act = async (scene: Scene, signal: AbortSignal): Promise<void> => {
  const { delivery } = scene
  if (delivery.what === "checks") return await onChecks({ ...scene, delivery }, signal)
  const wish =
    delivery.what === "review"
      ? await onReview({ ...scene, delivery }, signal)
      : await onComment({ ...scene, delivery }, signal)
  if (wish === null) return
  if (await mayWrite(scene.place, delivery.by, signal)) return await wish()
  scene.gateway.log.info(
    { person: delivery.by.id, repo: scene.repo.name, key: delivery.key },
    "somebody at GitHub asked for a turn and may not write there",
  )
}

const isPassing = ({ code }: Fault): boolean =>
  code === "store-unavailable" || code === "no-worker" || code === "repo-unreachable" || code === "conflict"

/** What was refused is told where it was asked, once. */
const sayRefusal = async (
  { gateway, repo, place, delivery }: Scene,
  { message }: Fault,
  signal: AbortSignal,
): Promise<void> => {
  const app = gateway.config.github.app
  const issue = threadOf(delivery)
  gateway.log.info(
    { repo: repo.name, key: delivery.key, refused: message },
    "GitHub asked for what was refused",
  )
  if (app === null || issue === null) return
  const body = `Twolane does not do this: ${message}`
  await sayOnce(place, app.id, { key: `refused/${delivery.key}`, issue, body }, signal)
}

const threadOf = (delivery: GithubDelivery): number | null => {
  if (delivery.what === "checks") return null
  return delivery.what === "review" ? delivery.pull : delivery.thread.number
}
