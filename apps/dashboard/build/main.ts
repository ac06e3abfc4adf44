/** `npm run build`: builds the page into `dist`. With `--if-needed`, only when what it is made of has changed. */
import { buildPage } from "./build-page.ts"

const ifNeeded = process.argv.includes("--if-needed")
const built = await buildPage({ ifNeeded, logLevel: ifNeeded ? "warn" : "info" })
if (!built) console.log("The page is built already.")
