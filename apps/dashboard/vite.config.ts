import tailwindcss from "@tailwindcss/vite"
import react from "@vitejs/plugin-react"
import { defineConfig, loadEnv } from "vite"
import { preloadStart } from "./build/preload-start.ts"

/** Few chunks, since a browser fetches six at a time: what asks early, the page itself with all that views share, and each view. */
const groups = [
  { name: "early", test: /\/src\/early\.ts$|vite\/preload-helper/, priority: 2 },
  {
    name: "page",
    test: /\/src\/(?:app|router|shell\/use-title|(?:ui|keys|lists|gates|tasks)\/[\w-]+)\.tsx?$|react-query/,
    priority: 1,
  },
]

/** Builds the page, and in development serves it in front of a running gateway. */
export default defineConfig(({ mode }) => {
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
    plugins: [react(), tailwindcss(), preloadStart()],
    build: {
      target: "es2023",
      // The content security policy allows no data: but images.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      manifest: true,
      rolldownOptions: { output: { codeSplitting: { groups } } },
    },
    server: {
      host: "127.0.0.1",
      proxy: { "/v1": { target, headers, ws: true, changeOrigin: true } },
    },
  }
})
