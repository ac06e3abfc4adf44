import { createRoot } from "react-dom/client"
import { readDrawn } from "./drawn.ts"
import { readFirstLook, takeFirstLook } from "./first-look.ts"
import { Page } from "./page.tsx"
import { createPageRouter } from "./router.tsx"
import { showKeptTheme } from "./shell/theme.ts"
import "./styles/app.css"

/** Shows the page. */
export const start = async (): Promise<void> => {
  const place = document.getElementById("page")
  if (place === null) throw new Error("index.html has no place for the page")
  showKeptTheme()
  // Before the router reads the address.
  const takeOver = readDrawn(place)
  const router = createPageRouter()
  const look = readFirstLook()
  if (look !== null) takeFirstLook(look, router.options.context)
  // Only then, so that what is shown first is made once.
  await router.load()
  takeOver(() => createRoot(place).render(<Page router={router} />))
}
