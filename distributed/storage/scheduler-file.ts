/**
 * A file in which a scheduler says where it listens, so that workers and clients of the same job find it without knowing its
 * ports. It has no secrets. It is written under a temporary name and renamed, so a reader never sees a part of it.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeValue } from '../../core/base/describe-value.js'
import { isKey } from '../base/curve-keys.js'
import { ConnectionError } from '../base/errors.js'
import { ownVersions } from '../protocol/version.js'
import { isAddress } from '../transport/address.js'

/** What a scheduler file says. */
export interface SchedulerFile {
  readonly addressToWorkers: string
  readonly addressToClients: string
  /** The scheduler's public key, if it needs keys. */
  readonly serverKey?: string
}

/** Stands for the scheduler in checks, while its file is not there yet. */
export const laterScheduler: SchedulerFile = {
  addressToWorkers: 'tcp://127.0.0.1:1',
  addressToClients: 'tcp://127.0.0.1:1',
  serverKey: '0'.repeat(40),
}

/** Milliseconds between two looks at a file that is not there yet. */
const interval = 100

/** Throws TypeError unless a value is the path of a scheduler file, or undefined. */
export function assertSchedulerFile(
  file: unknown,
  what: string,
): asserts file is string | undefined {
  if (file === undefined || (typeof file === 'string' && file !== '')) return
  throw new TypeError(`${what}: schedulerFile is a path of a file, got ${describeValue(file)}`)
}

/** Writes a scheduler file, and returns a function that removes it unless another scheduler has replaced it. */
export function writeSchedulerFile(file: string, found: SchedulerFile): () => void {
  const { skein } = ownVersions()
  const place = path.resolve(file)
  const facts = { ...found, version: skein, host: hostname(), pid: process.pid }
  const text = `${JSON.stringify(facts, null, 2)}\n`
  const temporary = `${place}.${crypto.randomUUID()}.part`
  try {
    writeFileSync(temporary, text, { flag: 'wx' })
    renameSync(temporary, place)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new TypeError(
      `the scheduler file '${file}' cannot be written: ${(error as Error).message}`,
      { cause: error },
    )
  }
  return () => {
    if (textOf(place) === text) rmSync(place, { force: true })
  }
}

/**
 * Waits until there is a scheduler file and returns what it says. `onWait` is called with the milliseconds so far each time the
 * file is still not there.
 *
 * @throws TypeError if the file has other contents, ConnectionError if it is not there after `timeout` milliseconds.
 */
export async function awaitSchedulerFile(
  file: string,
  {
    timeout = Number.POSITIVE_INFINITY,
    onWait,
  }: { timeout?: number; onWait?: (waited: number) => void } = {},
): Promise<SchedulerFile> {
  const since = performance.now()
  const place = path.resolve(file)
  for (;;) {
    const text = textOf(place)
    if (text !== undefined) return parse(text, file)
    const waited = performance.now() - since
    if (waited >= timeout)
      throw new ConnectionError(
        file,
        `There is no scheduler file '${file}' after ${timeout} ms; does skein scheduler --scheduler-file write it there?`,
      )
    onWait?.(waited)
    await sleep(Math.min(interval, timeout - waited))
  }
}

/** Returns the text of a file; undefined if there is none. */
function textOf(place: string): string | undefined {
  try {
    return readFileSync(place, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string, file: string): SchedulerFile {
  let found: Partial<SchedulerFile> | null
  try {
    found = JSON.parse(text) as Partial<SchedulerFile> | null
  } catch {
    found = null
  }
  const { addressToWorkers, addressToClients, serverKey } = found ?? {}
  if (!isAddress(addressToWorkers) || !isAddress(addressToClients))
    throw new TypeError(
      `'${file}' is no scheduler file: it has no addressToWorkers and addressToClients`,
    )
  if (serverKey !== undefined && !isKey(serverKey))
    throw new TypeError(`the serverKey of the scheduler file '${file}' is not 40 characters of Z85`)
  return { addressToWorkers, addressToClients, ...(serverKey !== undefined && { serverKey }) }
}
