import type { TaskState } from "@twolane/protocol"
import { lastTurn } from "@twolane/protocol"

/** Text of anybody as text in HTML, also inside an attribute's quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, letter => `&#${letter.charCodeAt(0)};`)

/** The page with what a chat shows of a link to a task: its title, its repo and its status, and nothing else of it. */
export const withPreview = (html: string, state: TaskState): string => {
  const title = escapeHtml(state.title)
  const about = escapeHtml(`${lastTurn(state)?.status ?? "queued"} · ${state.repo}`.replaceAll("_", " "))
  const metas = [
    `<meta property="og:title" content="${title}">`,
    `<meta property="og:description" content="${about}">`,
    '<meta property="og:site_name" content="Twolane">',
    '<meta property="og:type" content="website">',
    `<meta name="description" content="${about}">`,
  ].join("")
  // A function, so that a `$` in a title stays one.
  return html
    .replace(/<meta name="description"[^>]*>/, "")
    .replace(/<title>[^<]*<\/title>/, () => `<title>${title} · Twolane</title>`)
    .replace("</head>", () => `${metas}</head>`)
}

/** What stands in the page's place while there is none; it looks again by itself. */
export const missingPage = (note: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="3">
<title>Twolane: no page yet</title>
<h1>The page is not here yet</h1>
<pre>${escapeHtml(note)}</pre>
<p>The API works all the same: <a href="/docs">its description</a>.</p>
</html>
`
