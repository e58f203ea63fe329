/** The first arguments of `Client.connect`: an address, or options with the file of a scheduler. */
import { checkArguments } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import type { PeerKeys } from '../base/curve-keys.js'
import { assertOptions, assertTimeout } from '../base/options.js'
import { assertSchedulerFile, awaitSchedulerFile } from '../storage/scheduler-file.js'
import { assertAddress } from '../transport/address.js'

/** Options of `Client.connect`. */
export interface ClientOptions {
  /** Milliseconds to wait for the scheduler's first answer. By default 10,000. */
  readonly timeout?: number
  /**
   * Milliseconds without a scheduler after which everything that is not done is rejected. By default
   * 300,000. Until then a client waits for the scheduler to come back, and submits again what the
   * scheduler does not know.
   */
  readonly schedulerTimeout?: number
  /**
   * The keys with which the scheduler accepts this client: a file that `skein keys new` has made, a folder with `client.key`, or
   * the keys themselves. By default the value of the environment variable `SKEIN_KEYS`. Null for none.
   */
  readonly keys?: string | PeerKeys | null
}

/** Options of `Client.connect` with the file of a scheduler instead of its address. */
export interface SchedulerFileOptions extends ClientOptions {
  /** The file that the scheduler writes (its option `schedulerFile`). The client waits for it, at most for the time of `timeout`. */
  readonly schedulerFile: string
}

/** The names of `ClientOptions`. */
export const clientOptionNames = ['timeout', 'schedulerTimeout', 'keys']

/** Milliseconds to wait for a scheduler's first answer. */
export const defaultTimeout = 10_000

/** Where a client connects, and with which options. */
interface SchedulerAddress {
  readonly address: string
  readonly options: ClientOptions
  /** The scheduler's public key, if its file has it. */
  readonly serverKey?: string | undefined
}

/**
 * Returns the address of the scheduler that the arguments of `Client.connect` name; waits for its file.
 *
 * @throws TypeError or RangeError for invalid arguments, ConnectionError if the file is not there in time.
 */
export async function findScheduler(args: ArrayLike<unknown>): Promise<SchedulerAddress> {
  const what = 'Client.connect'
  const [given, options = {}] = Array.from(args)
  if (typeof given === 'object' && given !== null && 'schedulerFile' in given) {
    checkArguments(what, args, 1, "Client.connect({ schedulerFile: 'scheduler.json' })")
    assertOptions(given, what, [...clientOptionNames, 'schedulerFile'])
    const { schedulerFile, ...others } = given as SchedulerFileOptions
    const { timeout = defaultTimeout } = others
    assertTimeout(timeout, `${what}: timeout`)
    assertSchedulerFile(schedulerFile, what)
    const { addressToClients, serverKey } = await awaitSchedulerFile(schedulerFile, { timeout })
    return { address: addressToClients, options: others, serverKey }
  }
  checkArguments(what, args, 2, 'Client.connect(address, options)')
  if (typeof given !== 'string')
    throw new TypeError(
      `Client.connect: expected an address such as 'tcp://127.0.0.1:5555', or { schedulerFile: 'FILE' }, got ${describeValue(given)}; for a cluster of this process write await cluster.client(), with const cluster = await LocalCluster.start()`,
    )
  assertAddress(given, what)
  assertOptions(options, what, clientOptionNames)
  return { address: given, options: options as ClientOptions }
}
