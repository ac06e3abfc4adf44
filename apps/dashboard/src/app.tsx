import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { takeFirstLook } from "./first-look.ts"
import { router } from "./router.tsx"
import { showKeptTheme } from "./shell/theme.ts"
import "./styles/app.css"

/** Shows the page. */
export const start = async (): Promise<void> => {
  const place = document.getElementById("page")
  if (place === null) throw new Error("index.html has no place for the page")
  showKeptTheme()
  const { queries, live } = router.options.context
  takeFirstLook(queries, live)
  // Only then, so that what is shown first is made once.
  await router.load()
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
}
