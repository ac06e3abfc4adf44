/** The simulated model in a process of its own: what it costs is its own, and it says when things happened at its end. */
import { call, type Item, type Reply, type ScriptRequest, startModel } from "@twolane/testkit"
import { childSide } from "../child.ts"
import { preciseNow } from "../measure.ts"
import { type Order, orderIn, stampOf } from "./order.ts"

const { say } = childSide()

/** What the deep lane is asked for without an order: it takes a core until it is ended. */
const burn = call(["shell", { command: "echo burning; while :; do :; done", timeout_ms: 600_000 }])

const answer = ({ items, tools }: ScriptRequest): Reply => {
  const { order, at } = lastOrder(items)
  if (order === null && tools.some(({ name }) => name === "shell")) return burn
  if (order === null) return { items: [{ type: "message", text: "Nothing was ordered." }] }
  if (order.weigh === true) say({ weighed: order.id, bytes: JSON.stringify(items).length })
  const since = items
    .slice(at)
    .filter(item => item.type === "function_call" || item.type === "custom_tool_call")
  const pace = {
    ...(order.rate === undefined ? {} : { tokensPerSecond: order.rate }),
    ...(order.delayMs === undefined ? {} : { delayMs: order.delayMs }),
  }
  if (since.length < (order.steps ?? 0)) return call(["list_files", { glob: `none-${since.length}` }])
  if (order.patch !== undefined && !written.has(order.id)) return { ...patched(order), ...pace }
  const onDelta = (_text: string, index: number): string => stampOf(preciseNow(), index)
  return { items: [{ type: "message", text: fillerOf(order.tokens) }], onDelta, ...pace }
}

/** The orders whose patch was written: one that was stopped is not written again. */
const written = new Set<string>()

const patched = ({ id, patch }: Order): Reply => {
  written.add(id)
  const { text, mark } = patch ?? { text: "" }
  const markedAt = mark === undefined ? -1 : text.indexOf(mark) + mark.length
  let sent = 0
  const onDelta = (piece: string): string => {
    const before = sent
    sent += piece.length
    if (before < markedAt && sent >= markedAt) say({ marked: id, at: preciseNow() })
    return piece
  }
  return { ...call(["apply_patch", text]), onDelta }
}

const fillers = new Map<number, string>()

/** A text of so many tokens: the server sends four characters a token. */
const fillerOf = (tokens: number): string => {
  const known = fillers.get(tokens) ?? "word".repeat(tokens)
  fillers.set(tokens, known)
  return known
}

const lastOrder = (items: readonly Item[]): { order: Order | null; at: number } => {
  for (let at = items.length - 1; at >= 0; at -= 1) {
    const item = items[at]
    if (item?.role !== "user") continue
    const order = orderIn(typeof item.content === "string" ? item.content : JSON.stringify(item.content))
    if (order !== null) return { order, at }
  }
  return { order: null, at: 0 }
}

const server = await startModel({
  script: answer,
  keepRequests: 1,
  onRequest: ({ body, ended }) => {
    const at = preciseNow()
    const text = JSON.stringify(body)
    const id = orderIn(text)?.id
    if (id === undefined) return
    say({ asked: id, at, bytes: text.length })
    void ended.then(how => say({ ended: id, how, at: preciseNow() }))
  },
})
say({ listens: server.url })
