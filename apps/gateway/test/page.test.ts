import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { brotliCompressSync, gzipSync } from "node:zlib"
import { type FirstLook, newId } from "@twolane/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { openBrowser, signIn } from "./browser.ts"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

const html =
  '<!doctype html><html lang="en"><head><title>Twolane</title><meta name="description" content="x" /></head><body></body></html>'
const script = `console.log("${"twolane ".repeat(50)}")\n`

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** The page that most of the tests look at. */
const built = {
  "index.html": html,
  "favicon.svg": "<svg/>",
  "assets/main-1.js": script,
  "assets/main-1.js.gz": gzipSync(script),
  "assets/main-1.js.br": brotliCompressSync(script),
  ".vite/manifest.json": "{}",
}

/** Builds a page as the build does: beside the one that is there, and then in its place. */
const build = async (files: Record<string, string | Buffer>): Promise<void> => {
  const folder = join(gateway.dataDir, "page")
  for (const [path, content] of Object.entries(files)) {
    const target = join(`${folder}.next`, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content)
  }
  await rm(folder, { recursive: true, force: true })
  await rename(`${folder}.next`, folder)
}
const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(gateway.url + path, { headers: { "accept-encoding": "identity", ...headers } })
  return { answer, text: await answer.text() }
}

test("before there is a page, / says what is wrong, and the API works", async () => {
  await writeFile(join(gateway.dataDir, "page.note"), "the build failed: <b>no vite</b>")
  const { answer, text } = await get("/queue?lane=deep")
  expect([answer.status, answer.headers.get("content-type")]).toEqual([503, "text/html; charset=utf-8"])
  expect(text).toContain("<pre>the build failed: &#60;b&#62;no vite&#60;/b&#62;</pre>")
  expect((await gateway.submit()).id).toMatch(/^task_/)
})

test("the page is served with what browsers need to keep it and to keep it apart", async () => {
  await build(built)
  const page = await get("/")
  expect([page.answer.status, page.text, page.answer.headers.get("cache-control")]).toEqual([
    200,
    html,
    "no-cache",
  ])
  expect(Object.fromEntries(page.answer.headers)).toMatchObject({
    "content-security-policy":
      "default-src 'self';img-src 'self' data:;object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "x-robots-tag": "noindex",
  })
  const etag = page.answer.headers.get("etag") ?? ""
  expect((await get("/repos", { "if-none-match": etag })).answer.status).toBe(304)
  for (const path of ["/tasks", "/sign-in", "/numbers?window=7d"]) expect((await get(path)).text).toBe(html)

  const plain = await get("/assets/main-1.js")
  expect([plain.text, plain.answer.headers.get("cache-control")]).toEqual([
    script,
    "public, max-age=31536000, immutable",
  ])
  const raw = await openBrowser(gateway).send("GET", "/assets/main-1.js", undefined, {
    "accept-encoding": "gzip",
  })
  expect([raw.headers["content-encoding"], raw.headers.vary]).toEqual(["gzip", "accept-encoding"])
  const small = await get("/assets/main-1.js", { "accept-encoding": "gzip, br" })
  expect([small.answer.headers.get("content-encoding"), small.text]).toEqual(["br", script])
  const none = await get("/assets/main-1.js", { "accept-encoding": "br;q=0, gzip;q=0" })
  expect([none.answer.headers.get("content-encoding"), none.text]).toEqual([null, script])
})

test("who is signed in gets what is seen first with the page, as the routes answer it", async () => {
  await gateway.submit({ prompt: "Mend </script><script>alert(1)</script> now" })
  const browser = openBrowser(gateway)
  expect((await browser.send("GET", "/")).text).not.toContain("first-look")
  await signIn(gateway, browser)
  const shown = await browser.send("GET", "/?lane=deep")
  expect(shown.headers).toMatchObject({ "cache-control": "no-store" })
  expect([shown.headers.etag, shown.headers["content-encoding"]]).toEqual([undefined, undefined])
  expect(shown.text).not.toContain("<script>alert")
  const body = async (path: string) => (await browser.send("GET", path)).body
  const [me, repos, running, waiting, fast, deep, newest] = await Promise.all(
    [
      "/v1/me",
      "/v1/repos",
      "/v1/tasks?status=running",
      "/v1/tasks?status=waiting",
      "/v1/queue/fast/waiting",
      "/v1/queue/deep/waiting",
      "/v1/tasks",
    ].map(body),
  )
  const look = lookOf(shown.text)
  expect(look).toMatchObject({ me, queue: { repos, running, waiting, lines: { fast, deep }, newest } })
  expect(look?.queue?.newest.items[0]?.title).toContain("</script>")
  expect(Object.keys(look?.queue?.lanes.lanes ?? {})).toEqual(["fast", "deep"])
  expect(look?.queue?.workers.items).toEqual([])

  expect(lookOf((await browser.send("GET", "/repos")).text)).toEqual({ me, queue: null })
  expect((await browser.send("GET", "/sign-in")).text).toBe(html)
  const foreign = await browser.send("GET", "/", undefined, { "sec-fetch-site": "cross-site" })
  expect([foreign.status, lookOf(foreign.text)]).toEqual([200, null])
})

test("the queue comes drawn by the page's own build, once its thread is there; a slow or broken one leaves it to the script", async () => {
  const page = html.replace("<body>", '<body><div id="page"></div>')
  let builds = 0
  const drawing = (body: string) => {
    builds += 1
    return { "index.html": page.replace("Twolane", `Build ${builds}`), ".draw/draw.js": body }
  }
  const browser = openBrowser(gateway)
  await signIn(gateway, browser)
  const shown = async (path = "/") => (await browser.send("GET", path)).text

  await build(
    drawing("export const drawQueue = async ({ me }, { narrow }) => '<p>' + me.role + ' ' + narrow + '</p>'"),
  )
  await expect.poll(() => shown()).toContain('<div id="page"><p>admin false</p></div>')
  expect(lookOf(await shown())?.queue).not.toBeNull()
  const phone = await browser.send("GET", "/", undefined, {
    "user-agent": "Mozilla/5.0 (iPhone) Mobile/15E148",
  })
  expect(phone.text).toContain('<div id="page"><p>admin true</p></div>')
  for (const path of ["/?q=sum", "/repos", "/sign-in"])
    expect(await shown(path)).toContain('<div id="page"></div>')
  browser.cookie = `twolane-theme=dark; ${browser.cookie}`
  expect(await shown()).toContain('<html data-theme="dark" lang')

  for (const body of [
    "export const drawQueue = () => new Promise(() => {})",
    "export const drawQueue = async () => { throw new Error('no') }",
    "export const drawQueue = async () => { for (;;); }",
    "throw new Error('broken')",
  ]) {
    await build(drawing(body))
    for (let visit = 0; visit < 2; visit += 1) {
      const text = await shown()
      expect(text).toContain('<div id="page"></div>')
      expect(lookOf(text)?.queue).not.toBeNull()
    }
  }
  await build(built)
})

test("without Redis the page comes all the same", async () => {
  await using lonely = await openGateway()
  await mkdir(join(lonely.dataDir, "page"))
  await writeFile(join(lonely.dataDir, "page/index.html"), html)
  const browser = openBrowser(lonely)
  await signIn(lonely, browser)
  await lonely.redis[Symbol.asyncDispose]()
  expect([(await browser.send("GET", "/")).text]).toEqual([html])
})

const lookOf = (text: string): FirstLook | null => {
  const block = /<script type="application\/json" id="first-look">(.*)<\/script>/.exec(text)?.[1]
  return block === undefined ? null : (JSON.parse(block) as FirstLook)
}

test("what is neither the page's nor the API's is a problem document", async () => {
  const paths = [
    "/v1/nothing",
    "/mcp/x",
    "/assets/other-2.js",
    "/assets/main-1.js.br",
    "/.vite/manifest.json",
    "/../page.note",
    "/%2e%2e/page.note",
    "/..%2fpage.note",
  ]
  for (const path of paths) {
    const shown = await openBrowser(gateway).send("GET", path)
    expect([path, shown.status, shown.body]).toMatchObject([path, 404, { code: "not-found" }])
  }
  const posted = await openBrowser(gateway).send("POST", "/tasks", {})
  expect([posted.status, posted.body]).toMatchObject([404, { code: "not-found" }])
  const rebound = await openBrowser(gateway, "evil.example").send("GET", "/")
  expect([rebound.status, rebound.body]).toMatchObject([421, { code: "unknown-host" }])
})

test("a link to a task unfolds to its title, repo and status, as text, for whoever holds it", async () => {
  const { id } = await gateway.submit({
    prompt: `Mend "sum" <script>alert(1)</script> $& now\nand the secret plan`,
  })
  const { text } = await get(`/tasks/${id}`)
  expect(text).toContain(
    "<title>Mend &#34;sum&#34; &#60;script&#62;alert(1)&#60;/script&#62; $&#38; now · Twolane</title>",
  )
  expect(text).toContain('<meta property="og:description" content="queued · shop">')
  expect(text.match(/name="description"/g)).toHaveLength(1)
  expect(text).not.toContain("secret plan")
  expect((await get(`/tasks/${newId("task")}`)).text).toBe(html)
})

test("without previews a link to a task shows nothing of it", async () => {
  await using quiet = await openGateway({ env: { TWOLANE_LINK_PREVIEWS: "off" } })
  await mkdir(join(quiet.dataDir, "page"))
  await writeFile(join(quiet.dataDir, "page/index.html"), html)
  const { id } = await quiet.submit()
  expect(await (await fetch(`${quiet.url}/tasks/${id}`)).text()).toBe(html)
})

test("a new build is taken over, and an open page still finds its own files", async () => {
  await build({ "index.html": html.replace("Twolane", "Newer"), "assets/main-2.js": "2" })
  expect((await get("/")).text).toContain("Newer")
  expect([(await get("/assets/main-2.js")).text, (await get("/assets/main-1.js")).text]).toEqual([
    "2",
    script,
  ])
})
