/** Writes the Grafana dashboard anew: `npm run dashboards`. */
import { writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { dashboardOf } from "./dashboard.ts"
import { sections } from "./panels.ts"

const path = resolve(import.meta.dirname, "../../infra/grafana/dashboards/twolane.json")
writeFileSync(path, `${JSON.stringify(dashboardOf(sections), null, 2)}\n`)
