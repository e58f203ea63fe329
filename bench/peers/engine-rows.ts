/** The rows about tasks, graphs, transfers, start-up and memory. */
import type { Peer, RowSpec } from './row-types.js'

const cluster: readonly Peer[] = ['skein-cluster', 'dask-distributed']
const threads: readonly Peer[] = ['skein-threads', 'dask-threads']
const dask: readonly Peer[] = ['dask-threads', 'dask-processes', 'dask-distributed']
const skein: readonly Peer[] = ['skein-threads', 'skein-cluster']
const tables: readonly Peer[] = ['duckdb', 'polars']
const megabyte = 1e6

const tasks: readonly RowSpec[] = [
  {
    name: 'empty-tasks',
    group: 'tasks',
    title: '{tasks} empty tasks and one that reads all results, in one graph',
    peers: ['skein-sync', ...skein, ...dask, 'piscina', 'ray'],
    per: 'task',
    size: { tasks: 100_000, slowTasks: 10_000 },
    quick: { tasks: 100_000, slowTasks: 2000 },
  },
  {
    name: 'few-empty-tasks',
    group: 'tasks',
    title: '{tasks} empty tasks and one that reads all results, in one graph',
    peers: ['skein-sync', ...skein, ...dask, 'piscina', 'ray'],
    per: 'task',
    size: { tasks: 1000, slowTasks: 1000 },
    goals: [{ who: 'skein-threads', atMost: 8e-6 }],
  },
  {
    name: 'round-trip',
    group: 'tasks',
    title: 'one call and its result, one after another: median of {calls}',
    peers: [...cluster, 'ray', 'zeromq'],
    per: 'call',
    size: { calls: 1000, warmUp: 3000 },
    quick: { calls: 500, warmUp: 2000 },
    goals: [{ who: 'skein-cluster', times: 5, of: 'zeromq' }],
  },
  {
    name: 'round-trip-p99',
    group: 'tasks',
    title: 'the same: 99th percentile of {calls}',
    peers: [...cluster, 'ray', 'zeromq'],
    per: 'call',
    size: { calls: 1000, warmUp: 3000 },
    quick: { calls: 500, warmUp: 2000 },
    goals: [{ who: 'skein-cluster', times: 20, of: 'zeromq', row: 'round-trip' }],
  },
]

const building: readonly RowSpec[] = [
  {
    name: 'build-array',
    group: 'building',
    title: 'build the graph of ones([{blocks}], chunks of 1) + 1, times 2, sum',
    peers: threads,
    per: 'block',
    size: { blocks: 1_000_000 },
    quick: { blocks: 100_000 },
  },
  {
    name: 'build-delayed',
    group: 'building',
    title: 'build a tree of {calls} delayed calls',
    peers: threads,
    per: 'call',
    size: { leaves: 65_536, calls: 131_071 },
    quick: { leaves: 16_384, calls: 32_767 },
    goals: [{ who: 'skein-threads', atMost: 4e-6 }],
  },
  {
    name: 'partitions',
    group: 'building',
    title: 'ones([{blocks}], chunks of 1) + 1, times 2, sum: from building to the value',
    peers: [...threads, ...cluster],
    per: 'block',
    size: { blocks: 10_000 },
    goals: [
      { who: 'skein-threads', atMost: 5e-6 },
      { who: 'skein-cluster', atMost: 8e-6 },
    ],
  },
  {
    name: 'million-partitions',
    group: 'building',
    title: 'the same for {blocks} blocks',
    peers: skein,
    per: 'block',
    size: { blocks: 1_000_000 },
    quick: { blocks: 100_000 },
    goals: [
      { who: 'skein-threads', atMost: 5e-6 },
      { who: 'skein-cluster', atMost: 8e-6 },
    ],
  },
]

const transferPeers: readonly Peer[] = [...cluster, 'ray']
const transfers: readonly RowSpec[] = [
  {
    name: 'fetch',
    group: 'transfers',
    title: 'bring a result of {bytes} bytes from a worker',
    peers: transferPeers,
    size: { bytes: 100 * megabyte },
    goals: [{ who: 'skein-cluster', times: 1, of: 'dask-distributed' }],
  },
  {
    name: 'scatter',
    group: 'transfers',
    title: 'scatter {bytes} bytes to a worker',
    peers: transferPeers,
    size: { bytes: 100 * megabyte },
    goals: [{ who: 'skein-cluster', times: 1, of: 'dask-distributed' }],
  },
  {
    name: 'scatter-and-use',
    group: 'transfers',
    title: 'scatter {bytes} bytes and read them in a task',
    peers: transferPeers,
    size: { bytes: 100 * megabyte },
    goals: [{ who: 'skein-cluster', times: 1, of: 'dask-distributed' }],
  },
]

const startup: readonly RowSpec[] = [
  {
    name: 'import',
    group: 'startup',
    title: 'a process that imports the package and ends',
    kind: 'command',
    peers: ['skein', 'node', 'piscina', 'dask', 'numpy', 'duckdb', 'polars', 'ray'],
    commands: {
      skein: ['--input-type=module', '-e', "import 'skein'"],
      node: ['--input-type=module', '-e', ''],
      piscina: ['-e', 'require(process.env.PISCINA)'],
      dask: ['-c', 'import dask.array, dask.bag, dask.distributed'],
      numpy: ['-c', 'import numpy'],
      duckdb: ['-c', 'import duckdb'],
      polars: ['-c', 'import polars'],
      ray: ['-c', 'import ray'],
    },
    goals: [{ who: 'skein', plus: 0.06, of: 'node' }],
  },
  {
    name: 'help',
    group: 'startup',
    title: 'the command line prints its help',
    kind: 'command',
    peers: ['skein', 'node', 'dask'],
    commands: {
      skein: ['dist/distributed/cli/cli.js', '--help'],
      node: ['--help'],
      dask: ['-m', 'dask', '--help'],
    },
    goals: [{ who: 'skein', atMost: 0.12 }],
  },
  {
    name: 'first-compute',
    group: 'startup',
    title: 'the first computation of a process, after the import',
    kind: 'fresh',
    peers: ['skein-threads', 'dask-threads', 'dask-processes', 'piscina'],
    goals: [{ who: 'skein-threads', atMost: 0.12 }],
  },
  {
    name: 'first-cluster',
    group: 'startup',
    title: 'a local cluster of two workers, from its start to the first result',
    kind: 'fresh',
    peers: [...cluster, 'ray'],
    goals: [{ who: 'skein-cluster', atMost: 0.6 }],
  },
  {
    name: 'first-graph',
    group: 'startup',
    title: 'the first run of {blocks} blocks in a new process, compared with the second',
    kind: 'fresh',
    unit: 'times',
    peers: [...threads, ...cluster],
    size: { blocks: 10_000 },
    quick: { blocks: 5000 },
    goals: [{ who: 'skein-cluster', atMost: 2 }],
  },
]

const memory: readonly RowSpec[] = [
  {
    name: 'memory-chain',
    group: 'memory',
    title: 'arange({n}, chunks of {chunk}) times 2, plus 1, sqrt, mean',
    kind: 'fresh',
    unit: 'bytes',
    peers: [...threads, ...cluster],
    size: { n: 1e9, chunk: 2e6 },
    quick: { n: 2e8 },
    goals: [
      { who: 'skein-threads', atMost: 350 * megabyte },
      { who: 'skein-cluster', atMost: 350 * megabyte },
    ],
  },
  {
    name: 'memory-long-chain',
    group: 'memory',
    title: 'the same over ten times as many elements',
    kind: 'fresh',
    unit: 'bytes',
    peers: ['skein-threads'],
    size: { n: 1e10, chunk: 2e6 },
    quick: { n: 2e9 },
    goals: [{ who: 'skein-threads', times: 1.15, of: 'skein-threads', row: 'memory-chain' }],
  },
  {
    name: 'memory-random',
    group: 'memory',
    title: 'uniform random numbers, {n} in chunks of {chunk}, times 2, mean',
    kind: 'fresh',
    unit: 'bytes',
    peers: [...threads, ...cluster],
    size: { n: 1e9, chunk: 2e6 },
    quick: { n: 1e8 },
    tolerance: 1e-3,
    goals: [
      { who: 'skein-threads', atMost: 350 * megabyte },
      { who: 'skein-cluster', atMost: 350 * megabyte },
    ],
  },
  {
    name: 'memory-rechunk',
    group: 'memory',
    title: 'arange({n}, chunks of {chunk}) in chunks of {to}, times 2, mean',
    kind: 'fresh',
    unit: 'bytes',
    peers: [...threads, ...cluster],
    size: { n: 1e9, chunk: 2e6, to: 1.5e6 },
    quick: { n: 1e8 },
    goals: [
      { who: 'skein-threads', atMost: 350 * megabyte },
      { who: 'skein-cluster', atMost: 350 * megabyte },
    ],
  },
  {
    name: 'memory-partitions',
    group: 'memory',
    title: '{blocks} blocks in flight: ones([{blocks}], chunks of 1) + 1, times 2, sum',
    kind: 'fresh',
    unit: 'bytes',
    peers: skein,
    size: { blocks: 1_000_000 },
    quick: { blocks: 100_000 },
    goals: [{ who: 'skein-cluster', atMost: 300 * megabyte }],
  },
  {
    name: 'memory-tasks',
    group: 'memory',
    title: '{blocks} blocks with a function of the user, which are as many tasks: their sum',
    kind: 'fresh',
    unit: 'bytes',
    peers: ['skein-cluster'],
    size: { blocks: 1_000_000 },
    quick: { blocks: 100_000 },
    goals: [{ who: 'skein-cluster', atMost: 300 * megabyte }],
  },
  {
    name: 'memory-words',
    group: 'memory',
    title: 'word count of a file of {bytes} bytes',
    kind: 'fresh',
    unit: 'bytes',
    peers: ['skein-threads', 'dask-threads', ...tables],
    file: 'words',
    size: { bytes: 2000 * megabyte, blocksize: 8 * megabyte },
    quick: false,
    goals: [{ who: 'skein-threads', atMost: 250 * megabyte }],
  },
  {
    name: 'idle-worker',
    group: 'memory',
    title: 'a worker of a cluster that has run no task, resident after ten seconds',
    kind: 'fresh',
    unit: 'bytes',
    peers: cluster,
    goals: [{ who: 'skein-cluster', atMost: 60 * megabyte }],
  },
  {
    name: 'used-worker',
    group: 'memory',
    title: 'the worker of a cluster that has run one task, resident after ten seconds',
    kind: 'fresh',
    unit: 'bytes',
    peers: cluster,
  },
]

export const engineRows: readonly RowSpec[] = [
  ...tasks,
  ...building,
  ...transfers,
  ...startup,
  ...memory,
]
