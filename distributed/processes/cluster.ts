/** What every kind of cluster can do, whatever starts its workers. */
import type { Client, ClientOptions } from '../client/client.js'
import type { AdaptOptions } from './adaptive-size.js'

/** A cluster: a scheduler, and workers that it can start and end. */
export interface Cluster extends AsyncDisposable {
  /** The scheduler's address to clients. */
  readonly address: string
  /** The workers that it has started and that have not ended. */
  readonly workers: readonly { readonly name: string }[]
  /**
   * Starts workers, or lets some leave without loss, until there are `n`. Ends what `adapt` began. Fulfilled when the workers have
   * joined or left.
   */
  scale(n: number): Promise<void>
  /** From now on starts workers while tasks wait for them, and lets them leave when they have been idle for a while. */
  adapt(options: AdaptOptions): void
  /** Makes a client, which is closed with the cluster. */
  client(options?: ClientOptions): Promise<Client>
  /** Closes the clients, the workers and the scheduler. */
  close(): Promise<void>
}
