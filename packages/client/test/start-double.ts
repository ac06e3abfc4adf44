import { type DoubleAnswer, type GatewayDouble, startGatewayDouble } from "@twolane/testkit/gateway-double"
import { type Client, createClient } from "../src/index.ts"

/** A double, and a client of it. */
export type Double = GatewayDouble & { readonly client: Client }

/** Starts a double; `answers` are given in order, one a call. */
export const startDouble = async (...answers: readonly DoubleAnswer[]): Promise<Double> => {
  const failing: DoubleAnswer = response => void response.writeHead(500).end()
  const double = await startGatewayDouble((_call, calls) => answers[calls.length - 1] ?? failing)
  return { ...double, client: createClient({ baseUrl: double.url, apiKey: "k" }) }
}
