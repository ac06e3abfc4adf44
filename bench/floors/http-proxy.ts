/** The usual proxy of a Fastify application before a model. */
import httpProxy from "@fastify/http-proxy"
import fastify from "fastify"
import { childSide } from "../child.ts"
import type { HopInput } from "./hop.ts"

const { input, say } = childSide<HopInput>()
const { origin, pathname } = new URL(input.target)
const app = fastify()
await app.register(httpProxy, { upstream: origin, rewritePrefix: pathname })
await app.listen({ path: input.listen })
say({ listens: input.listen })
