import { type House, type Receiver, startReceiver } from "@twolane/testkit"

/** Two receivers of the team's events: a board that takes what it hears, and one that is out of order. */
export type Hooks = AsyncDisposable & {
  /** As the setting TWOLANE_WEBHOOK_HOSTS names them. */
  hosts: string
  /** Has the house tell them; what happens from then on is delivered. */
  add(house: House): Promise<void>
}

/** Starts both. */
export const startHooks = async (): Promise<Hooks> => {
  await using opened = new AsyncDisposableStack()
  const board = opened.use(await startReceiver())
  const pager = opened.use(await startReceiver(response => response.writeHead(503).end()))
  const all = opened.move()
  return {
    hosts: `${board.host},${pager.host}`,
    add: async house => {
      await addHook(house, board, {
        description: "The board in the hall",
        events: ["task.created", "turn.ended"],
      })
      await addHook(house, pager, {
        description: "Whoever is on call",
        events: ["gate.opened"],
        repos: ["shop"],
      })
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const addHook = async (house: House, { url }: Receiver, request: Record<string, unknown>): Promise<void> => {
  const { status, text } = await house.call("POST", "/v1/webhooks", { url, ...request })
  if (status !== 201) throw new Error(`the webhook was refused: ${text}`)
}
