/** The rows of `npm run bench:peers`, in the order of the page. bench/README.md says how to add one. */
import { collectionRows } from './collection-rows.js'
import { engineRows } from './engine-rows.js'
import type { RowSpec } from './row-types.js'

export const rows: readonly RowSpec[] = [...engineRows, ...collectionRows]
