/** Reads an OpenAPI document from standard input and writes its types; with `--check`, fails when those on disk are others. */
import { readFile, writeFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import openapiTS, { astToString } from "openapi-typescript"

const path = new URL("../src/openapi.generated.d.ts", import.meta.url)
const header = "// Made by `npm run generate -w @twolane/client` from the gateway's /openapi.json.\n\n"

const types = header + astToString(await openapiTS(await text(process.stdin), { defaultNonNullable: false }))
if (!process.argv.includes("--check")) await writeFile(path, types)
else if ((await readFile(path, "utf8")) !== types) {
  console.error("the client's types are not those of the gateway: run npm run generate -w @twolane/client")
  process.exitCode = 1
}
