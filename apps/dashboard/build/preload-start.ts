import type { HtmlTagDescriptor, Plugin, Rolldown } from "vite"

/** The modules whose chunks every visit begins with: the page itself, and the view that is mostly looked at first. */
const begins = ["src/app.tsx", "src/views/queue/queue-view.tsx"]

/** Names those chunks in `index.html`, with all that they import and their styles, so that the browser fetches them at once and not one after another. */
export const preloadStart = (): Plugin => ({
  name: "preload-start",
  transformIndexHtml: {
    order: "post",
    handler: (html, { bundle = {} }): HtmlTagDescriptor[] => {
      const chunks = new Map(
        Object.values(bundle).flatMap(file =>
          file.type === "chunk" ? [[file.fileName, file] as const] : [],
        ),
      )
      const starts = [...chunks.values()].filter(({ facadeModuleId }) =>
        begins.some(begin => facadeModuleId?.endsWith(`/${begin}`)),
      )
      const files = [...new Set(starts.flatMap(({ fileName }) => withImports(chunks, fileName)))]
      const styles = new Set(files.flatMap(file => [...(chunks.get(file)?.viteMetadata?.importedCss ?? [])]))
      const link =
        (rel: string) =>
        (file: string): HtmlTagDescriptor => ({
          tag: "link",
          attrs: { rel, crossorigin: true, href: `/${file}` },
          injectTo: "head",
        })
      const missing = (file: string) => !html.includes(file)
      return [
        ...[...styles].filter(missing).map(link("stylesheet")),
        ...files.filter(missing).map(link("modulepreload")),
      ]
    },
  },
})

const withImports = (chunks: ReadonlyMap<string, Rolldown.OutputChunk>, file: string): string[] => [
  file,
  ...(chunks.get(file)?.imports ?? []).flatMap(each => withImports(chunks, each)),
]
