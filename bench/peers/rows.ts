/** The rows of `npm run bench:peers`, in the order of the page. bench/README.md says how to add one. */
import { arrayRows } from './array-rows.js'
import { bagRows } from './bag-rows.js'
import { engineRows } from './engine-rows.js'
import type { RowSpec } from './row-types.js'

export const rows: readonly RowSpec[] = [...engineRows, ...bagRows, ...arrayRows]
