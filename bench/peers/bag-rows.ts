/** The rows about bags. */
import type { Peer, RowSpec } from './row-types.js'

const dask: readonly Peer[] = ['dask-threads', 'dask-processes', 'dask-distributed']
const skein: readonly Peer[] = ['skein-threads', 'skein-cluster']
const tables: readonly Peer[] = ['duckdb', 'polars']
const bagPeers: readonly Peer[] = ['loop', ...skein, ...dask, ...tables]
const megabyte = 1e6

export const bagRows: readonly RowSpec[] = [
  {
    name: 'distinct',
    group: 'bags',
    title: 'the distinct ones of {n} integers, {keys} of them',
    peers: bagPeers,
    size: { n: 2e6, keys: 100_003, npartitions: 8 },
    quick: { n: 5e5, keys: 20_011 },
  },
  {
    name: 'frequencies',
    group: 'bags',
    title: 'frequencies of {n} strings, {keys} different ones',
    peers: bagPeers,
    size: { n: 2e6, keys: 1009, npartitions: 8 },
    quick: { n: 5e5 },
  },
  {
    name: 'foldby',
    group: 'bags',
    title: 'sums of {n} records by {keys} keys, with foldby',
    peers: bagPeers,
    size: { n: 2e6, keys: 1009, npartitions: 8 },
    quick: { n: 5e5 },
  },
  {
    name: 'groupby',
    group: 'bags',
    title: '{n} records grouped by {keys} keys, the length of each group',
    peers: bagPeers,
    size: { n: 500_000, keys: 1009, npartitions: 8 },
    quick: { n: 100_000 },
  },
  {
    name: 'join',
    group: 'bags',
    title: '{n} records joined with {others} others, a sum over the pairs',
    peers: bagPeers,
    size: { n: 1e6, others: 20_000, npartitions: 8 },
    quick: { n: 200_000 },
  },
  {
    name: 'topk',
    group: 'bags',
    title: 'the {k} largest of {n} integers',
    peers: bagPeers,
    size: { n: 2e6, k: 10, npartitions: 8 },
    quick: { n: 1e6 },
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
    name: 'json-filter',
    group: 'bags',
    title: 'sums by shop of the sales above 2,000 in {bytes} bytes of JSON lines, with functions',
    peers: ['loop', ...skein, 'duckdb'],
    file: 'sales',
    size: { bytes: 100 * megabyte, blocksize: 8 * megabyte },
    quick: { bytes: 10 * megabyte, blocksize: 2 * megabyte },
  },
  {
    name: 'json-expressions',
    group: 'bags',
    title: 'the same with expressions',
    peers: ['loop', ...skein, 'duckdb'],
    file: 'sales',
    size: { bytes: 100 * megabyte, blocksize: 8 * megabyte },
    quick: { bytes: 10 * megabyte, blocksize: 2 * megabyte },
  },
  {
    name: 'csv-expressions',
    group: 'bags',
    title: 'the same of {bytes} bytes of CSV',
    peers: ['loop', ...skein, 'duckdb'],
    file: 'sales-csv',
    size: { bytes: 100 * megabyte, blocksize: 8 * megabyte },
    quick: { bytes: 10 * megabyte, blocksize: 2 * megabyte },
  },
  {
    name: 'parquet-expressions',
    group: 'bags',
    title: 'the same of {n} sales in Parquet',
    peers: ['loop', ...skein, 'duckdb'],
    file: 'sales-parquet',
    size: { n: 1e6 },
    quick: { n: 2e5 },
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
