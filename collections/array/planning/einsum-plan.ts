/**
 * Parses the subscripts of `einsum`. An ellipsis becomes labels of its own, counted from the right, so that the axes
 * that it stands for broadcast.
 */
import { formatArgument } from '../block/format-argument.js'

/** The labels of the axes of all operands and of the result. */
export interface EinsumPlan {
  readonly inputs: readonly (readonly string[])[]
  readonly output: readonly string[]
}

/** Parses subscripts such as `'ij,jk->ik'` for operands with the given numbers of axes. Throws if they do not match. */
export function parseEinsum(subscripts: unknown, ndims: readonly number[]): EinsumPlan {
  if (typeof subscripts !== 'string') {
    throw new TypeError(
      `einsum: expected subscripts such as 'ij,jk->ik'; got ${formatArgument(subscripts)}`,
    )
  }
  const text = subscripts.replaceAll(' ', '')
  const match = /^([a-zA-Z.,]*)(?:->([a-zA-Z.]*))?$/.exec(text)
  if (match === null) {
    throw new RangeError(
      `einsum: '${subscripts}' may contain letters, commas, ellipses and one ->, such as 'ij,jk->ik'`,
    )
  }
  const terms = match[1]!.split(',')
  if (terms.length !== ndims.length) {
    throw new RangeError(
      `einsum: '${subscripts}' has ${terms.length} operands; ${ndims.length} arrays are given`,
    )
  }
  const inputs = terms.map((term, i) => labelsOf(term, ndims[i], subscripts))
  const broadcast = inputs
    .map((labels) => labels.filter(isBroadcast))
    .reduce((a, b) => (b.length > a.length ? b : a), [])
  const output = match[2] === undefined ? impliedOutput(inputs, broadcast) : outputOf(match[2])
  const known = new Set(inputs.flat())
  for (const [i, label] of output.entries()) {
    if (known.has(label) && output.indexOf(label) === i) continue
    throw new RangeError(
      `einsum: the result of '${subscripts}' has the label ${label} ${known.has(label) ? 'twice' : 'that no operand has'}`,
    )
  }
  return { inputs, output }

  function outputOf(term: string): string[] {
    return labelsOf(term, undefined, subscripts as string, broadcast)
  }
}

/** Labels of axes that an ellipsis stands for: `.0` is the last of them. */
const isBroadcast = (label: string) => label.startsWith('.')

/** Returns the labels of one operand; `ndim` is undefined for the result. */
function labelsOf(
  term: string,
  ndim: number | undefined,
  subscripts: string,
  broadcast: readonly string[] = [],
): string[] {
  const at = term.indexOf('...')
  const letters = at < 0 ? term : term.slice(0, at) + term.slice(at + 3)
  if (letters.includes('.')) {
    throw new RangeError(`einsum: '${subscripts}' has a dot that is not part of one ellipsis '...'`)
  }
  if (
    at < 0 ? ndim !== undefined && letters.length !== ndim : (ndim ?? Infinity) < letters.length
  ) {
    throw new RangeError(
      `einsum: '${term}' of '${subscripts}' has ${letters.length} labels; the array has ${ndim} axes`,
    )
  }
  if (at < 0) return [...letters]
  const count = ndim === undefined ? broadcast.length : ndim - letters.length
  const dots = Array.from({ length: count }, (_, i) => `.${count - 1 - i}`)
  return [...letters.slice(0, at), ...dots, ...letters.slice(at)]
}

/** Returns the labels of a result that is not given: those of the ellipsis, then those that occur once, in order. */
function impliedOutput(
  inputs: readonly (readonly string[])[],
  broadcast: readonly string[],
): string[] {
  const counts = new Map<string, number>()
  for (const label of inputs.flat()) counts.set(label, (counts.get(label) ?? 0) + 1)
  const once = [...counts].filter(([label, count]) => count === 1 && !isBroadcast(label))
  return [...broadcast, ...once.map(([label]) => label).sort()]
}
