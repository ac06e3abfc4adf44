import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import { expect, test } from "vitest"
import { parse } from "yaml"
import { makeTempFolder } from "../../packages/testkit/src/temp.ts"

const password = "0123456789abcdef"

/** The arguments that docker-compose.yml gives to redis-server. */
const composeArguments = (): string[] => {
  const text = readFileSync(resolve(import.meta.dirname, "../../docker-compose.yml"), "utf8")
  const { services } = parse(text.replace(/\$\{TWOLANE_REDIS_PASSWORD[^}]*\}/g, password), { merge: true })
  return services.redis.command.slice(1)
}

test("the compose file's Redis knows our user alone, and gives it no administrative command", async () => {
  await using folder = await makeTempFolder("twl-acl-")
  const path = join(folder.path, "r.sock")
  const server = spawn("redis-server", [
    ...composeArguments(),
    "--port",
    "0",
    "--unixsocket",
    path,
    "--dir",
    folder.path,
  ])
  const ended = once(server, "exit")
  try {
    for await (const line of createInterface({ input: server.stdout }))
      if (line.includes("eady to accept")) break
    const answers = await talk(path, [
      "PING",
      `AUTH twolane ${password}`,
      "PING",
      "INFO server",
      "CONFIG GET appendfsync",
      'EVAL "return 1" 0',
      "CONFIG SET appendfsync no",
      "FLUSHALL",
      "KEYS *",
      "SHUTDOWN",
    ])
    expect(answers).toEqual([
      "-NOAUTH",
      "+OK",
      "+PONG",
      "$",
      "*2",
      ":1",
      "-NOPERM",
      "-NOPERM",
      "-NOPERM",
      "-NOPERM",
    ])
  } finally {
    server.kill("SIGKILL")
    await ended
  }
})

/** Sends inline commands one after another and keeps how each answer begins. */
const talk = async (path: string, commands: readonly string[]): Promise<string[]> => {
  const socket = connect(path)
  const starts: string[] = []
  for (const command of commands) {
    socket.write(`${command}\r\n`)
    const [data] = await once(socket, "data")
    starts.push(/^(?:[-+]\w+|[:*]\d+|\$)/.exec(String(data))?.[0] ?? "")
  }
  socket.destroy()
  return starts
}
