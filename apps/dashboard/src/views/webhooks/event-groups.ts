import type { WebhookEvent } from "@twolane/protocol"

/** What one looks for a type of event under, in the order of the form. */
export const groupNames = ["Tasks and turns", "The change", "People", "Limits", "The work itself"] as const
type GroupName = (typeof groupNames)[number]

const groups: Record<WebhookEvent, GroupName> = {
  "task.created": "Tasks and turns",
  "turn.queued": "Tasks and turns",
  "turn.started": "Tasks and turns",
  "turn.ended": "Tasks and turns",
  "handoff.created": "Tasks and turns",
  "attempt.lost": "Tasks and turns",
  "change.ready": "The change",
  "branch.pushed": "The change",
  "pull_request.opened": "The change",
  "patch.applied": "The change",
  "tests.started": "The change",
  "tests.ended": "The change",
  "checkpoint.saved": "The change",
  "checkpoint.undone": "The change",
  "gate.opened": "People",
  "gate.decided": "People",
  "task.reviewed": "People",
  "steer.accepted": "People",
  "steer.applied": "People",
  "steer.rejected": "People",
  "cancel.requested": "People",
  "cancel.confirmed": "People",
  "guardrail.tripped": "Limits",
  "budget.warning": "Limits",
  "spend.warned": "Limits",
  "spend.stopped": "Limits",
  "model.waiting": "Limits",
  "model.resumed": "Limits",
  "context.shortened": "Limits",
  "usage.reported": "Limits",
  "message.done": "The work itself",
  "plan.updated": "The work itself",
  "workspace.ready": "The work itself",
  "tool.started": "The work itself",
  "tool.ended": "The work itself",
}

const isIn =
  (name: GroupName) =>
  (type: WebhookEvent): boolean =>
    groups[type] === name

/** The events of a group. */
export const eventsOf = (name: GroupName): WebhookEvent[] =>
  (Object.keys(groups) as WebhookEvent[]).filter(isIn(name))
