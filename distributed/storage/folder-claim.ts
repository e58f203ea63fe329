/**
 * Claims of folders. On Linux, a process that owns a folder listens on a Unix socket in it. The system closes the
 * socket when the process ends. Processes in other PID namespaces, such as other containers, connect to it to see
 * whether the owner is alive. A connection receives the owner's process ID, for error messages.
 *
 * The times of a claimed folder are renewed every hour, for processes of other machines that share the disk.
 */
import { chmodSync, closeSync, openSync, renameSync, unlinkSync, utimesSync } from 'node:fs'
import type { Server } from 'node:net'
import { lazyPackage } from '../../core/base/lazy-package.js'

const net = lazyPackage<typeof import('node:net')>('node:net')

/** Milliseconds between two renewals of a folder's times. */
const renewalInterval = 3_600_000

/** Milliseconds that an owner may take to answer. */
const answerTimeout = 1000

/** The name of the socket, and its name until it listens. */
const [socketName, newName] = ['owner', 'owner.new']

export class FolderClaim {
  private readonly server: Server | undefined
  private readonly handle: number | undefined
  private readonly timer: NodeJS.Timeout

  private constructor(folder: string, handle: number | undefined, server: Server | undefined) {
    this.server = server
    this.handle = handle
    this.timer = setInterval(() => renew(folder), renewalInterval)
    this.timer.unref()
  }

  /** Claims a folder that no other process owns. Where sockets are impossible, only its times are renewed. */
  static async take(folder: string): Promise<FolderClaim> {
    const handle = openFolder(folder)
    return new FolderClaim(folder, handle, handle === undefined ? undefined : await listen(handle))
  }

  /** Gives the folder up. */
  async release(): Promise<void> {
    clearInterval(this.timer)
    const { server, handle } = this
    if (server !== undefined) await new Promise((resolve) => server.close(resolve))
    if (handle === undefined) return
    if (server !== undefined) remove(pathIn(handle, socketName))
    closeSync(handle)
  }
}

/**
 * Whether a running process of this system has claimed a folder; undefined if that cannot be determined. `onOwner`
 * is called with the process ID of that process, in its own PID namespace, if it answers soon.
 */
export async function isClaimed(
  folder: string,
  onOwner?: (pid: number) => void,
): Promise<boolean | undefined> {
  const handle = openFolder(folder)
  if (handle === undefined) return undefined
  try {
    return await connectTo(pathIn(handle, socketName), onOwner)
  } finally {
    closeSync(handle)
  }
}

function connectTo(
  address: string,
  onOwner: ((pid: number) => void) | undefined,
): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const socket = net().connect(address)
    const finish = (result: boolean | undefined): void => {
      socket.destroy()
      resolve(result)
    }
    socket.on('connect', () => {
      if (onOwner === undefined) finish(true)
      else socket.setTimeout(answerTimeout, () => finish(true))
    })
    socket.on('data', (data) => {
      onOwner?.(Number(data.toString()))
      finish(true)
    })
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      finish(code === 'ECONNREFUSED' ? false : code === 'EAGAIN' ? true : undefined),
    )
    socket.on('close', () => resolve(true))
  })
}

/** Returns a short path of a file in an open folder: the path of a socket has at most 107 bytes. */
function pathIn(folder: number, name: string): string {
  return `/proc/self/fd/${folder}/${name}`
}

function openFolder(folder: string): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return openSync(folder, 'r')
  } catch {
    return undefined
  }
}

/** Listens on a socket in a folder. The socket gets its name once it listens, so that it is not found sooner. */
async function listen(folder: number): Promise<Server | undefined> {
  const [newPath, finalPath] = [pathIn(folder, newName), pathIn(folder, socketName)]
  remove(newPath)
  const server = net().createServer((socket) => {
    socket.on('error', () => {})
    socket.end(String(process.pid))
  })
  server.unref()
  return new Promise((resolve) => {
    server.on('error', () => resolve(undefined))
    server.listen({ path: newPath, exclusive: true }, () => {
      try {
        chmodSync(newPath, 0o600)
        renameSync(newPath, finalPath)
        resolve(server)
      } catch {
        // The disk is full.
        server.close(() => resolve(undefined))
      }
    })
  })
}

function remove(file: string): void {
  try {
    unlinkSync(file)
  } catch {
    // It is not there.
  }
}

function renew(folder: string): void {
  try {
    const now = new Date()
    utimesSync(folder, now, now)
  } catch {
    // The folder was removed.
  }
}
