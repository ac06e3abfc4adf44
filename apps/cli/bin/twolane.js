#!/usr/bin/env node
// Plain JavaScript, so that any Node can read it: the sources are TypeScript and need Node 24 (type stripping), which `npm ci` brings.
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const neededMajor = 24
const main = new URL("../src/main.ts", import.meta.url)

/** The Node 24 that came with `npm ci`, or null on a platform that has none. */
const bundledNode = () => {
  try {
    const require = createRequire(import.meta.url)
    const manifest = require.resolve(`node-${process.platform}-${process.arch}/package.json`)
    return join(dirname(manifest), "bin", "node")
  } catch {
    return null // not installed: macOS, or `npm ci --omit=optional`
  }
}

/** Runs the program under another Node, passing signals on and ending as it ends. */
const runUnder = node => {
  const child = spawn(node, [main.pathname, ...process.argv.slice(2)], { stdio: "inherit" })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("error", error => {
    process.stderr.write(`twolane: ${node} could not be started: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

if (Number.parseInt(process.versions.node, 10) >= neededMajor) await import(main.href)
else {
  const node = bundledNode()
  if (node === null) {
    process.stderr.write(
      `twolane: Node ${neededMajor} or newer is needed here (this is ${process.versions.node}); see https://nodejs.org\n`,
    )
    process.exitCode = 2
  } else runUnder(node)
}
