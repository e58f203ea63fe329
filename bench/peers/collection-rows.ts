/** The rows about bags and arrays. */
import type { Peer, RowSpec } from './row-types.js'

const dask: readonly Peer[] = ['dask-threads', 'dask-processes', 'dask-distributed']
const skein: readonly Peer[] = ['skein-threads', 'skein-cluster']
const tables: readonly Peer[] = ['duckdb', 'polars']
const bagPeers: readonly Peer[] = ['loop', ...skein, ...dask, ...tables]
const arrayPeers: readonly Peer[] = ['loop', ...skein, 'dask-threads', 'dask-distributed', 'numpy']
const megabyte = 1e6

const bags: readonly RowSpec[] = [
  {
    name: 'distinct',
    group: 'bags',
    title: 'the distinct ones of {n} integers, {keys} of them',
    peers: bagPeers,
    size: { n: 1e6, keys: 100_003, npartitions: 8 },
    quick: { n: 2e5, keys: 20_011 },
  },
  {
    name: 'frequencies',
    group: 'bags',
    title: 'frequencies of {n} strings, {keys} different ones',
    peers: bagPeers,
    size: { n: 1e6, keys: 1009, npartitions: 8 },
    quick: { n: 2e5 },
  },
  {
    name: 'foldby',
    group: 'bags',
    title: 'sums of {n} records by {keys} keys, with foldby',
    peers: bagPeers,
    size: { n: 1e6, keys: 1009, npartitions: 8 },
    quick: { n: 2e5 },
  },
  {
    name: 'groupby',
    group: 'bags',
    title: '{n} records grouped by {keys} keys, the length of each group',
    peers: bagPeers,
    size: { n: 200_000, keys: 1009, npartitions: 8 },
    quick: { n: 50_000 },
  },
  {
    name: 'join',
    group: 'bags',
    title: '{n} records joined with {others} others, a sum over the pairs',
    peers: bagPeers,
    size: { n: 500_000, others: 20_000, npartitions: 8 },
    quick: { n: 100_000 },
  },
  {
    name: 'topk',
    group: 'bags',
    title: 'the {k} largest of {n} integers',
    peers: bagPeers,
    size: { n: 1e6, k: 10, npartitions: 8 },
    quick: { n: 2e5 },
  },
  {
    name: 'word-count',
    group: 'bags',
    title: 'word count of a file of {bytes} bytes',
    peers: bagPeers,
    file: 'words',
    size: { bytes: 100 * megabyte, blocksize: 8 * megabyte },
    quick: { bytes: 10 * megabyte, blocksize: 2 * megabyte },
  },
  {
    name: 'json-lines',
    group: 'bags',
    title: 'sums by shop of {bytes} bytes of JSON lines',
    peers: bagPeers,
    file: 'sales',
    size: { bytes: 100 * megabyte, blocksize: 8 * megabyte },
    quick: { bytes: 10 * megabyte, blocksize: 2 * megabyte },
  },
  {
    name: 'gzip-regexp',
    group: 'bags',
    title: 'lines that match a regular expression in 8 gzip files, {bytes} bytes unpacked',
    peers: bagPeers,
    file: 'logs',
    size: { bytes: 100 * megabyte },
    quick: { bytes: 20 * megabyte },
  },
]

const arrays: readonly RowSpec[] = [
  {
    name: 'elementwise',
    group: 'arrays',
    title: 'sqrt(x*x + y*y) * 2 + 1 of two arrays of {n} float64, in memory, summed',
    peers: [...arrayPeers, ...tables],
    size: { n: 2e7, chunk: 1e6 },
    quick: { n: 4e6, chunk: 5e5 },
  },
  {
    name: 'generated-chain',
    group: 'arrays',
    title: 'arange({n}) times 2, plus 1, sqrt, mean',
    peers: [...arrayPeers, ...tables],
    size: { n: 2e7, chunk: 1e6 },
    quick: { n: 4e6, chunk: 5e5 },
  },
  {
    name: 'written-twice',
    group: 'arrays',
    title: 'sqrt(x*x + y*y) with each arange written twice, compared with x and y shared',
    unit: 'times',
    peers: ['skein-threads'],
    size: { n: 1e7, chunk: 1e6 },
    quick: { n: 4e6 },
    goals: [{ who: 'skein-threads', atMost: 1.15 }],
  },
  {
    name: 'reduce-all',
    group: 'arrays',
    title: 'standard deviation of a matrix of {rows} x {columns}',
    peers: arrayPeers,
    size: { rows: 8000, columns: 2500, chunk: 1000 },
    quick: { rows: 4000, columns: 1000 },
  },
  {
    name: 'reduce-rows',
    group: 'arrays',
    title: 'sums along the first axis of a matrix of {rows} x {columns}',
    peers: arrayPeers,
    size: { rows: 8000, columns: 2500, chunk: 1000 },
    quick: { rows: 4000, columns: 1000 },
  },
  {
    name: 'reduce-columns',
    group: 'arrays',
    title: 'largest elements along the second axis of a matrix of {rows} x {columns}',
    peers: arrayPeers,
    size: { rows: 8000, columns: 2500, chunk: 1000 },
    quick: { rows: 4000, columns: 1000 },
  },
  {
    name: 'matmul',
    group: 'arrays',
    title: 'the product of two matrices of {rows} x {columns}',
    peers: arrayPeers,
    size: { rows: 1000, columns: 1000, chunk: 500 },
    quick: { rows: 600, columns: 600, chunk: 300 },
  },
  {
    name: 'rechunk',
    group: 'arrays',
    title: 'a matrix of {rows} x {columns} from chunks of rows to chunks of columns, then summed',
    peers: ['skein-threads', 'skein-cluster', 'dask-threads', 'dask-distributed'],
    size: { rows: 8000, columns: 2500, chunk: 1000, to: 250 },
    quick: { rows: 4000, columns: 1000, to: 250 },
  },
  {
    name: 'slicing',
    group: 'arrays',
    title: 'x[::2, 100:-100:3] of a matrix of {rows} x {columns}, summed',
    peers: arrayPeers,
    size: { rows: 8000, columns: 2500, chunk: 1000 },
    quick: { rows: 4000, columns: 1000 },
  },
  {
    name: 'transpose',
    group: 'arrays',
    title: 'a square matrix of {rows} plus its transpose, summed along an axis',
    peers: arrayPeers,
    size: { rows: 4000, columns: 4000, chunk: 1000 },
    quick: { rows: 2000, columns: 2000, chunk: 500 },
  },
  {
    name: 'random',
    group: 'arrays',
    title: 'the mean of {n} uniform random numbers',
    peers: arrayPeers,
    size: { n: 2e7, chunk: 1e6 },
    quick: { n: 4e6, chunk: 5e5 },
    tolerance: 2e-3,
  },
  {
    name: 'random-normal',
    group: 'arrays',
    title: 'the standard deviation of {n} normally distributed random numbers',
    peers: arrayPeers,
    size: { n: 1e7, chunk: 1e6 },
    quick: { n: 2e6, chunk: 5e5 },
    tolerance: 5e-3,
  },
]

export const collectionRows: readonly RowSpec[] = [...bags, ...arrays]
