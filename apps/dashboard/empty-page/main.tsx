import { QueryClient, QueryClientProvider } from "@tanstack/react-query"
import { createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"

/** The least that the page's framework can show: one view with nothing in it. The bench measures the page's own start by it. */
const start = (): void => {
  const place = document.getElementById("page")
  if (place === null) throw new Error("index.html has no place for the page")
  const root = createRootRoute({ component: Outlet })
  const empty = createRoute({
    getParentRoute: () => root,
    path: "/",
    component: () => <h1>Nothing is here</h1>,
  })
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={createRouter({ routeTree: root.addChildren([empty]) })} />
      </QueryClientProvider>
    </StrictMode>,
  )
}

start()
