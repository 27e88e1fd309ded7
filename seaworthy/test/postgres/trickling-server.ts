import { createServer, type Socket } from 'node:net'

const OFTEN_MS = 100

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** AuthenticationOk and ReadyForQuery, and a notice: https://www.postgresql.org/docs/current/protocol-message-formats.html. */
const WELCOME = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))])
const NOTICE = message('N', Buffer.from('SNOTICE\0C00000\0Mstill here\0\0'))

/** Something that lets everybody in, sends notices for ever, answers nothing, and never hangs up. */
export interface TricklingServer extends AsyncDisposable {
  readonly url: string
  /** Resolves when a first question has come in. */
  readonly asked: Promise<void>
  /** How many connections there are. */
  readonly connections: () => number
}

export async function startTricklingServer(): Promise<TricklingServer> {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    const notices = setInterval(() => socket.write(NOTICE), OFTEN_MS)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(notices)
      sockets.delete(socket)
    })
    socket.once('data', () => {
      socket.write(WELCOME)
      socket.once('data', () => resolve())
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    url: `postgresql://reader@127.0.0.1:${port}/app?sslmode=disable`,
    asked,
    connections: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}
