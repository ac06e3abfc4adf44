import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { router } from "./router.tsx"
import { showKeptTheme } from "./shell/theme.ts"
import "./styles/app.css"

/** Shows the page. */
export const start = (): void => {
  const place = document.getElementById("page")
  if (place === null) throw new Error("index.html has no place for the page")
  showKeptTheme()
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={router.options.context.queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
}
