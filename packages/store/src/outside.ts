/** What the store is given instead of Redis and BullMQ: for the simulation, which runs everything else as it is. */
export type { Connections } from "./connections.ts"
export { type Outside, openStoreOn } from "./open.ts"
export { queueNameOf, type Ticket, type Tickets } from "./queue/tickets.ts"
export type { Client, Patience } from "./redis/connect.ts"
export type { MakeTicketWorker } from "./worker/tickets.ts"
