/** Reads the `this` that an arrow function captured. No scope shows it, so it is read in a call of the arrow. */
import { atEntry, isDebugged } from './function-entry.js'
import { type FunctionLocation, UNSET } from './function-internals.js'

const known = new WeakMap<Function, { readonly value: unknown }>()

/** Returns the `this` that an arrow uses; UNSET if it cannot be read, or has no value yet. */
export function thisOfArrow(
  fn: Function,
  location: FunctionLocation | undefined,
  inertArguments: string,
): unknown {
  const found = known.get(fn)
  if (found !== undefined) return found.value
  if (isDebugged()) return UNSET
  let value: unknown = UNSET
  atEntry({ fn, location, inertArguments }, 'this', (self: unknown) => {
    value = self
  })
  if (value !== UNSET) known.set(fn, { value })
  return value
}
