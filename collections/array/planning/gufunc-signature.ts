/**
 * Signatures of generalized functions, such as `'(i,j),(j)->(i)'`: the core axes of each argument and result.
 */

/** The core axes of the arguments and of the results, by name. */
export interface GufuncSignature {
  readonly inputs: readonly (readonly string[])[]
  readonly outputs: readonly (readonly string[])[]
}

const AXES = String.raw`\(\s*(?:\w+\s*(?:,\s*\w+\s*)*)?\)`
const LIST = `(?:${AXES}(?:\\s*,\\s*${AXES})*)`
const SIGNATURE = new RegExp(`^\\s*(${LIST}?)\\s*->\\s*(${LIST})\\s*$`)

/** Parses a signature. Throws a RangeError if it is malformed. */
export function parseSignature(signature: unknown, operation: string): GufuncSignature {
  const match = typeof signature === 'string' ? SIGNATURE.exec(signature) : null
  if (match === null) {
    throw new RangeError(
      `${operation}: the signature must be like '(i),(j)->(i,j)' or '(i)->()'; got ${JSON.stringify(signature)}`,
    )
  }
  const lists = (part: string) =>
    [...part.matchAll(/\(([^)]*)\)/g)].map(([, names]) =>
      names!
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    )
  return { inputs: lists(match[1]!), outputs: lists(match[2]!) }
}
