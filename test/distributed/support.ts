/** Helpers for tests with real processes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { runnableFile } from '../../core/base/package-root.js'

/** Waits until a condition holds; throws an error with its description `what` after `within` ms. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  within = 600_000,
): Promise<void> {
  const deadline = performance.now() + within
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not within ${within} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A running command `skein`, with its output so far. */
export class Command {
  readonly process
  output = ''
  errors = ''
  readonly ended: Promise<{ code: number | null; signal: string | null }>

  constructor(...args: string[]) {
    this.process = spawn(process.execPath, [
      fileURLToPath(runnableFile('distributed/cli/cli')),
      ...args,
    ])
    this.process.stdout.on('data', (data) => (this.output += data))
    this.process.stderr.on('data', (data) => (this.errors += data))
    this.ended = once(this.process, 'exit').then(([code, signal]) => ({ code, signal }))
  }

  get pid(): number {
    return this.process.pid!
  }

  /** Waits for output that matches a pattern, and returns the match. */
  async waitForOutput(pattern: RegExp): Promise<RegExpExecArray> {
    await until(
      `${pattern} on stdout; there is: ${this.output}${this.errors}`,
      () => pattern.test(this.output) || this.process.exitCode !== null,
    )
    const found = pattern.exec(this.output)
    if (found === null) throw new Error(`No ${pattern} in: ${this.output}${this.errors}`)
    return found
  }

  async stop(signal: NodeJS.Signals): Promise<{ code: number | null; signal: string | null }> {
    this.process.kill(signal)
    return this.ended
  }
}

/** Runs a JavaScript program against the built package and returns its output. */
export async function runProgram(source: string, ...args: string[]): Promise<string> {
  const dist = runnableFile('index').href
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    source.replaceAll("'skein'", `'${dist}'`),
    ...args,
  ])
  let output = ''
  let errors = ''
  child.stdout.on('data', (data) => (output += data))
  child.stderr.on('data', (data) => (errors += data))
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`The program ended with ${code}: ${errors}`)
  return output
}
