import { expect, test } from "vitest"
import { decide, type Situation } from "../../src/preflight/decide.ts"
import { missingPackages, packageManagers } from "../../src/preflight/packages.ts"

const manager = (program: string) => packageManagers.find(each => each.program === program) ?? null
const situation: Situation = {
  missing: ["redis", "bubblewrap"],
  manager: manager("apt-get"),
  root: true,
  terminal: false,
  allowed: true,
  sudo: true,
}
const aptCommands = [
  "apt-get update -qq",
  "apt-get install -y -qq --no-install-recommends redis-server bubblewrap",
]

test("with everything there, nothing is done", () => {
  expect(decide({ ...situation, missing: [] })).toEqual({ do: "nothing" })
})

test("without a terminal root installs, and says what", () => {
  expect(decide(situation)).toEqual({
    do: "install",
    commands: aptCommands,
    say: `Missing: redis and bubblewrap. Installing with: ${aptCommands.join(" && ")}`,
  })
})

test("on a terminal a person is asked, also as root", () => {
  expect(decide({ ...situation, terminal: true })).toMatchObject({ do: "ask", commands: aptCommands })
})

test("on a terminal without root the commands go through sudo", () => {
  expect(decide({ ...situation, terminal: true, root: false })).toMatchObject({
    do: "ask",
    commands: aptCommands.map(command => `sudo ${command}`),
  })
})

test.each([
  ["not root and no terminal", { root: false }],
  ["TWOLANE_INSTALL=0", { allowed: false }],
  ["TWOLANE_INSTALL=0 on a terminal", { allowed: false, terminal: true }],
  ["a terminal without root and sudo", { terminal: true, root: false, sudo: false }],
])("with %s the exact command is printed, and the start stops", (_name, change) => {
  const decision = decide({ ...situation, ...change })
  expect(decision.do).toBe("stop")
  expect(JSON.stringify(decision)).toContain(
    "apt-get install -y -qq --no-install-recommends redis-server bubblewrap",
  )
})

test("on a system without a known package manager it says what to install", () => {
  expect(decide({ ...situation, manager: null, missing: ["bubblewrap"] })).toEqual({
    do: "stop",
    say: "Missing: bubblewrap. Install it and start again.",
  })
})

test("Homebrew installs without sudo", () => {
  const decision = decide({
    ...situation,
    manager: manager("brew"),
    missing: ["redis"],
    root: false,
    sudo: false,
    terminal: true,
  })
  expect(decision).toMatchObject({ do: "ask", commands: ["brew install redis"] })
})

test("one program of a package is enough: valkey-server stands for redis-server", () => {
  const there = new Set(["valkey-server", "git"])
  expect(missingPackages(["redis", "bubblewrap", "git"], program => there.has(program))).toEqual([
    "bubblewrap",
  ])
})
