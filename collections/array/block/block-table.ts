/**
 * HTML of blocks for notebooks: a table of one row for each element of the first axis.
 */
import type { Dtype, Scalar } from './dtype.js'
import { isComplexValue } from './dtype.js'

/** What is shown: a dense block. */
interface ShownBlock {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  item(...coordinates: readonly number[]): Scalar
}

/** The number of rows and columns from which only the first and last ones are shown. */
const LIMIT = 20
const EDGE = 8

/** Returns an HTML table of a block with one or two axes; undefined for other blocks. */
export function blockTable(block: ShownBlock): string | undefined {
  const { dtype, shape } = block
  if (shape.length !== 1 && shape.length !== 2) return undefined
  const rows = shownPositions(shape[0]!)
  const columns = shape.length === 2 ? shownPositions(shape[1]!) : ['' as const]
  const text = (row: number | '...', column: number | '...' | ''): string => {
    if (row === '...' || column === '...') return '...'
    return elementText(column === '' ? block.item(row) : block.item(row, column))
  }
  const head = columns.map((column) => `<th>${column}</th>`).join('')
  const body = rows.map((row) => {
    const cells = columns.map((column) => `<td>${text(row, column)}</td>`).join('')
    return `<tr><th>${row}</th>${cells}</tr>`
  })
  const caption = `<caption>NDArray(${dtype}, [${shape.join(', ')}])</caption>`
  return `<table>${caption}<thead><tr><th></th>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

function shownPositions(n: number): (number | '...')[] {
  const all = Array.from({ length: n > LIMIT ? 0 : n }, (_, i) => i)
  if (n <= LIMIT) return all
  const edge = Array.from({ length: EDGE }, (_, i) => i)
  return [...edge, '...', ...edge.map((i) => n - EDGE + i)]
}

function elementText(value: Scalar): string {
  if (!isComplexValue(value)) return String(typeof value === 'number' ? shortNumber(value) : value)
  const sign = value.im < 0 || Object.is(value.im, -0) ? '' : '+'
  return `${shortNumber(value.re)}${sign}${shortNumber(value.im)}i`
}

/** Returns a number with at most eight significant digits. */
function shortNumber(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(8))
}
