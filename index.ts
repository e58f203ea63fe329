/** Skein: lazy bags and arrays, task graphs, and who runs them. */

export * as da from './collections/array/index.js'
export * as db from './collections/bag/index.js'
export * from './core/index.js'
export * from './distributed/index.js'
