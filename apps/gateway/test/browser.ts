import { request } from "node:http"
import type { Me, SignInLink } from "@twolane/protocol"
import type { OpenGateway } from "./open-gateway.ts"

/** What a browser's request was answered. */
export type Shown = {
  status: number
  body: unknown
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** A browser at the gateway's page: its cookies, and what browsers say of where a request comes from. */
export type Browser = {
  /** Sends a request as our own page does; `headers` go over what it would say, and null takes one away. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string | null>): Promise<Shown>
  /** The session's word, once it is signed in. */
  csrf: string | null
  cookie: string | null
}

/** Opens a browser that is not signed in, for which the gateway has the given name. */
export const openBrowser = (gateway: Pick<OpenGateway, "url">, host?: string, scheme = "http"): Browser => {
  const url = new URL(gateway.url)
  const name = host ?? url.host
  const browser: Browser = {
    csrf: null,
    cookie: null,
    send: async (method, path, body, over = {}) => {
      const hasEffect = method !== "GET"
      const headers = {
        host: name,
        "sec-fetch-site": "same-origin",
        ...(hasEffect ? { origin: `${scheme}://${name}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(browser.cookie === null ? {} : { cookie: `theme=dark; ${browser.cookie}` }),
        ...(browser.csrf === null || !hasEffect ? {} : { "x-twolane-csrf": browser.csrf }),
        ...over,
      }
      const shown = await exchange(url, { method, path, headers, body })
      const given = shown.headers["set-cookie"]?.[0]?.split(";")[0]
      if (given !== undefined) browser.cookie = given.endsWith("=") ? null : given
      return shown
    },
  }
  return browser
}

/** Makes a link with the first key, and signs a browser in with it. */
export const signIn = async (gateway: OpenGateway, browser: Browser): Promise<Me> => {
  const { body } = await gateway.call("POST", "/v1/sign-in-links")
  const token = new URL((body as SignInLink).url).hash.slice(1)
  const shown = await browser.send("POST", "/v1/session", { token })
  if (shown.status !== 200) throw new Error(shown.text)
  const me = shown.body as Me
  browser.csrf = me.session?.csrf ?? null
  return me
}

type Sent = { method: string; path: string; headers: Record<string, string | null>; body: unknown }

const exchange = (url: URL, { method, path, headers, body }: Sent): Promise<Shown> =>
  new Promise((resolve, reject) => {
    const given = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))
    const call = request(
      { host: url.hostname, port: url.port, method, path, headers: Object.fromEntries(given) },
      answer => {
        let text = ""
        answer.setEncoding("utf8")
        answer.on("data", chunk => {
          text += String(chunk)
        })
        answer.on("end", () => {
          const isJson = answer.headers["content-type"]?.includes("json") ?? false
          const { statusCode = 0, headers } = answer
          resolve({ status: statusCode, body: isJson ? JSON.parse(text) : text, headers, text })
        })
      },
    )
    call.on("error", reject)
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
