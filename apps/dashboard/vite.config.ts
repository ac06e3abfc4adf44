import tailwindcss from "@tailwindcss/vite"
import react from "@vitejs/plugin-react"
import { defineConfig, loadEnv } from "vite"

/** Builds the page, and in development serves it in front of a running gateway. */
export default defineConfig(({ mode, isSsrBuild }) => {
  const { TWOLANE_DEV_GATEWAY: target = "http://127.0.0.1:4200", TWOLANE_API_KEY: apiKey } = loadEnv(
    mode,
    import.meta.dirname,
    "TWOLANE_",
  )
  // Only this server knows the key: it stands in for the session, and nothing of it is in what the browser gets.
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
  return {
    root: import.meta.dirname,
    // Settings never reach the bundle.
    envPrefix: "PAGE_NEVER_READS_",
    plugins: [react(), tailwindcss()],
    build: {
      target: "es2023",
      // The content security policy allows no data: but images.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      manifest: true,
      // One file begins every visit: the page with the queue in it. Each other view is its own.
      ...(isSsrBuild !== true && {
        rolldownOptions: {
          output: { codeSplitting: { groups: [{ name: "page", test: /\/src\/main\.ts$/ }] } },
        },
      }),
    },
    // What draws the queue stands alone: where it runs there may be no node_modules.
    ssr: { noExternal: true },
    server: {
      host: "127.0.0.1",
      proxy: { "/v1": { target, headers, ws: true, changeOrigin: true } },
    },
  }
})
