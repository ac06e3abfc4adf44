import { once } from "node:events"
import { connect, type Socket } from "node:net"

/** A WebSocket to the model without any library: it sends one request and lets the answer's bytes pass. */
export type RawSocket = Disposable & {
  ask(body: object): Promise<{ firstAt: number; lastAt: number; bytes: number }>
}

/** Opens one. */
export const openRawSocket = async (modelUrl: string): Promise<RawSocket> => {
  const { hostname, port, host, pathname } = new URL(modelUrl)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, "connect")
  socket.write(
    `GET ${pathname}/responses HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16, 1).toString("base64")}\r\n\r\n`,
  )
  await once(socket, "data")
  return {
    ask: body => {
      socket.write(frame(JSON.stringify({ type: "response.create", ...body })))
      return untilCompleted(socket)
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

/** A text frame, masked with zeros. */
const frame = (text: string): Buffer => {
  const payload = Buffer.from(text)
  const head = Buffer.alloc(8)
  head[0] = 0x81
  head[1] = 0x80 | 126
  head.writeUInt16BE(payload.length, 2)
  return Buffer.concat([head, payload])
}

const lastEvent = Buffer.from('"type":"response.completed"')

const untilCompleted = (socket: Socket): Promise<{ firstAt: number; lastAt: number; bytes: number }> =>
  new Promise(resolve => {
    let firstAt = 0
    let bytes = 0
    let tail = Buffer.alloc(0)
    const onData = (data: Buffer) => {
      firstAt ||= performance.now()
      bytes += data.length
      const seen = Buffer.concat([tail, data])
      tail = seen.subarray(-lastEvent.length)
      if (!seen.includes(lastEvent)) return
      socket.off("data", onData)
      resolve({ firstAt, lastAt: performance.now(), bytes })
    }
    socket.on("data", onData)
  })
