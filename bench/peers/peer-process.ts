/** A long-lived peer: one process, to which requests are sent and which answers them one by one. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { ProcessTree } from './process-tree.js'
import type { Request, RunAnswer } from './row-types.js'

/** How a peer's process is started. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** A peer that did not answer in time, ended, or answered with an error. */
export class PeerFailure extends Error {}

type Answer = Partial<RunAnswer> & { readonly error?: string }

const logs = path.resolve('.tmp', 'bench-peers', 'logs')
const running = new Set<PeerProcess>()

/** Ends all peers at once; for when this process is stopped. */
export function killAllPeers(): void {
  for (const peer of running) peer.kill()
}

export class PeerProcess {
  readonly tree: ProcessTree
  private readonly ended: Promise<void>
  private hasEnded = false
  private receive: ((answer: Answer) => void) | undefined

  private constructor(
    private readonly child: ChildProcess,
    private readonly log: string,
  ) {
    this.tree = new ProcessTree(child.pid!)
    running.add(this)
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.hasEnded = true
        this.receive?.({ error: 'the process ended' })
        resolve()
      }
      child.once('error', end)
      child.once('exit', end)
    })
    child.stdin!.on('error', () => {})
    createInterface({ input: child.stdio[3] as Readable }).on('line', (line) =>
      this.receive?.(JSON.parse(line) as Answer),
    )
  }

  /** Starts a peer and waits until it is ready. */
  static async start(name: string, command: Command, timeLimit: number): Promise<PeerProcess> {
    mkdirSync(logs, { recursive: true })
    const log = path.join(logs, `${name}.log`)
    const output = openSync(log, 'w')
    // Whatever a library prints goes to the log: answers have a channel of their own.
    const child = spawn(command.file, command.args, {
      env: command.env,
      stdio: ['pipe', output, output, 'pipe'],
    })
    closeSync(output)
    if (child.pid === undefined) {
      child.on('error', () => {})
      throw new PeerFailure(`${command.file} cannot be started`)
    }
    const peer = new PeerProcess(child, log)
    try {
      await peer.next(timeLimit, 'its start')
    } catch (error) {
      peer.kill()
      throw error
    }
    return peer
  }

  /** Sends a request and returns the answer. A peer that fails to answer is killed. */
  async ask(request: Request, timeLimit: number): Promise<Answer> {
    if (this.hasEnded) throw new PeerFailure('the process ended')
    const answer = this.next(timeLimit, request.op)
    this.child.stdin!.write(`${JSON.stringify(request)}\n`)
    return answer
  }

  private async next(timeLimit: number, what: string): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined
    const answer = await new Promise<Answer>((resolve) => {
      this.receive = resolve
      timer = setTimeout(() => {
        this.kill()
        resolve({ error: `no answer to ${what} within ${timeLimit / 1000} s` })
      }, timeLimit)
    })
    clearTimeout(timer)
    this.receive = undefined
    if (answer.error === undefined) return answer
    throw new PeerFailure(`${answer.error}${this.hasEnded ? `\n${this.lastOutput()}` : ''}`)
  }

  /** Whether it can be asked. */
  get isAlive(): boolean {
    return !this.hasEnded
  }

  kill(): void {
    this.tree.kill()
    this.hasEnded = true
    running.delete(this)
  }

  /** Lets the peer end, and kills what is left of it after some seconds. */
  async close(): Promise<void> {
    this.child.stdin!.end()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, 5000)
    })
    await Promise.race([this.ended, late])
    clearTimeout(timer)
    this.kill()
  }

  private lastOutput(): string {
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
  }
}
