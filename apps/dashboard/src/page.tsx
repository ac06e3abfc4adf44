import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { StrictMode } from "react"
import type { PageRouter } from "./router.tsx"

/** The whole page, at the address of its router. */
export const Page = ({ router }: { router: PageRouter }) => (
  <StrictMode>
    <QueryClientProvider client={router.options.context.queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>
)
