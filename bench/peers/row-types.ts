/** What a row of `npm run bench:peers` is, and who takes part. */

/** The peers by name. `of` is the project whose versions and ratios they belong to. */
export const peers = {
  skein: { title: 'Skein', of: 'skein', language: 'node' },
  'skein-sync': { title: 'Skein, getSync', of: 'skein', language: 'node' },
  'skein-threads': { title: 'Skein, getThreads', of: 'skein', language: 'node' },
  'skein-cluster': { title: 'Skein, LocalCluster', of: 'skein', language: 'node' },
  loop: { title: 'plain loop', of: 'loop', language: 'node' },
  piscina: { title: 'piscina', of: 'piscina', language: 'node' },
  zeromq: { title: 'bare ZeroMQ echo, two processes', of: 'zeromq', language: 'node' },
  node: { title: 'bare node', of: 'node', language: 'node' },
  dask: { title: 'Dask', of: 'dask', language: 'python' },
  'dask-threads': { title: 'Dask, threads', of: 'dask', language: 'python' },
  'dask-processes': { title: 'Dask, processes', of: 'dask', language: 'python' },
  'dask-distributed': { title: 'Dask, distributed', of: 'dask', language: 'python' },
  numpy: { title: 'NumPy', of: 'numpy', language: 'python' },
  scipy: { title: 'SciPy', of: 'scipy', language: 'python' },
  duckdb: { title: 'DuckDB', of: 'duckdb', language: 'python' },
  polars: { title: 'Polars', of: 'polars', language: 'python' },
  ray: { title: 'Ray', of: 'ray', language: 'python' },
} as const satisfies Record<string, PeerInfo>

export interface PeerInfo {
  readonly title: string
  readonly of: string
  readonly language: 'node' | 'python'
}

export type Peer = keyof typeof peers

/** The groups, in the order of the page, with their titles. */
export const groups = {
  tasks: 'Tasks and calls',
  building: 'Graphs and partitions',
  transfers: 'Transfers of 100 MB',
  startup: 'Start-up',
  memory: 'Peak memory',
  bags: 'Bags',
  arrays: 'Arrays',
} as const

export type Group = keyof typeof groups

/** `times` are ratios of two times of one peer. */
export type Unit = 'seconds' | 'bytes' | 'times'

/**
 * What a peer should reach: a figure of its own (`atMost`), or a multiple of another peer's (`times`,
 * `of`), or as much more than it (`plus`, `of`). `row` is the row of the other figure, by default the same.
 */
export type Goal = { readonly who: Peer } & (
  | { readonly atMost: number }
  | { readonly times: number; readonly of: Peer; readonly row?: string }
  | { readonly plus: number; readonly of: Peer; readonly row?: string }
)

/** The sizes that the peers are given: numbers of items, chunk lengths, bytes of files. */
export type Size = Readonly<Record<string, number>>

export interface RowSpec {
  /** The name for `--only`, and the name of the peers' functions. */
  readonly name: string
  readonly group: Group
  /** What is measured. `{n}` stands for the size of that name. */
  readonly title: string
  readonly peers: readonly Peer[]
  readonly unit?: Unit
  /** What one unit of the figure is, if it is not the whole run: `task`, `call`. */
  readonly per?: string
  readonly size?: Size
  /** The sizes that differ with `--quick`; false leaves the row out. */
  readonly quick?: Size | false
  /**
   * `served` by a long-lived process (the default); by a `fresh` process for each round; or a `command`
   * whose whole life is measured.
   */
  readonly kind?: 'served' | 'fresh' | 'command'
  /** The arguments of a `command`, after node or python. */
  readonly commands?: Partial<Record<Peer, readonly string[]>>
  /** A file of about `size.bytes` bytes, or `size.n` records, that is generated; the peers find its path in `path`. */
  readonly file?: 'words' | 'sales' | 'sales-csv' | 'sales-parquet' | 'logs'
  readonly goals?: readonly Goal[]
  /** How much values may differ, relative to their size: rounding by default. */
  readonly tolerance?: number
}

/** What is sent to a peer. */
export type Request =
  | { readonly op: 'prepare'; readonly row: string; readonly size: Record<string, number | string> }
  | { readonly op: 'run' }
  | { readonly op: 'finish' }

/** A value that peers are compared by. */
export type Value = number | string | readonly Value[]

/** What a peer answers to `run`. */
export interface RunAnswer {
  readonly seconds: number
  /** The figure, if it is not the time of the run. */
  readonly figure?: number
  readonly value: Value
}
