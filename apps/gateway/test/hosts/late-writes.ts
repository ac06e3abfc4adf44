import { once } from "node:events"
import { connect } from "node:net"
import { createInterface } from "node:readline"

/** Listens in Redis for what a host asks it to do with tasks. */
export type LateWrites = Disposable & {
  /** The calls of our functions that came from that host and name a task, since listening began. */
  about: (task: string) => number
}

/** Begins to listen: `MONITOR` by hand, since ioredis takes what it says for answers to other commands. */
export const listenForWrites = async (
  { path, password }: { path: string; password: string },
  address: string,
): Promise<LateWrites> => {
  const socket = connect(path)
  const heard: string[] = []
  const lines = createInterface({ input: socket })
  const begun = once(lines, "line")
  lines.on("line", line => {
    if (line.includes(` ${address}:`) && / "eval(sha)?" /i.test(line)) heard.push(line)
  })
  socket.write(`AUTH ${password}\r\nMONITOR\r\n`)
  const [said] = await begun
  if (said !== "+OK") throw new Error(`Redis said ${said}`)
  return {
    about: task => heard.filter(call => call.includes(`/${task}}`)).length,
    [Symbol.dispose]: () => {
      lines.close()
      socket.destroy()
    },
  }
}
