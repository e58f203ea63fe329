/**
 * Finds out by experiment whether functions share a variable, where everything visible of their scopes is
 * equal: the variable is set to a unique value for a moment; the functions that see this value share it.
 */
import { atEntry, type FunctionEntry, isDebugged } from './function-entry.js'
import { readFunctionInternals, variableIn } from './function-internals.js'

/**
 * Returns the first of some functions that shares a variable with `one`; null for none, undefined if
 * this cannot be found out.
 */
export function sharesVariable<Entry extends FunctionEntry>(
  name: string,
  one: Entry,
  others: readonly Entry[],
): Entry | null | undefined {
  if (isDebugged()) return undefined
  const seeing = findSharers(name, one, others)
  if (seeing !== undefined) return seeing[0] ?? null
  // A class cannot be called; then the experiment starts from the others.
  for (const other of others) {
    const seen = findSharers(name, other, [one])
    if (seen === undefined) return undefined
    if (seen.length > 0) return other
  }
  return null
}

/** Returns the functions that see a change of a variable of `one`; undefined if `one` cannot be called. */
function findSharers<Entry extends FunctionEntry>(
  name: string,
  one: Entry,
  others: readonly Entry[],
): readonly Entry[] | undefined {
  let access: { read: () => unknown; assign: (value: unknown) => void } | undefined
  atEntry(
    one,
    `()=>${name},(value)=>{${name}=value}`,
    (read: () => unknown, assign: (value: unknown) => void) => {
      access = { read, assign }
    },
  )
  if (access === undefined) return undefined
  const { read, assign } = access
  const mark = {}
  let original: unknown
  try {
    original = read()
    assign(mark)
  } catch {
    return undefined
  }
  try {
    return others.filter(({ fn }) => sees(fn, name, mark))
  } finally {
    assign(original)
  }
}

function sees(fn: Function, name: string, mark: object): boolean {
  const scope = readFunctionInternals(fn).scopes.find((s) => Object.hasOwn(s.variables, name))
  return scope !== undefined && variableIn(scope, name) === mark
}
