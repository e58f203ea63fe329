/**
 * Whether functions share a variable, where all that shows of their scopes is the same: a call of one is
 * begun, the variable is given a value that nothing else has, and it is looked who sees that. Then it gets
 * its own value back, and the call is ended before any code of the function has run.
 */
import { isAt, isDebugged, nextStep } from './arrow-this.js'
import { type FunctionLocation, stepping, surroundings, variableIn } from './inspector.js'

/** A function that may share a variable. */
export interface Sharer {
  readonly fn: Function
  readonly location: FunctionLocation | undefined
  /** The text of arguments that its parameters take without computing anything. */
  readonly harmlessArguments: string
}

/** The first of some functions that shares a variable with `one`; null for none, undefined if it cannot be seen. */
export function sharesVariable(
  name: string,
  one: Sharer,
  others: readonly Sharer[],
): Sharer | null | undefined {
  if (isDebugged()) return undefined
  const seeing = whoSees(name, one, others)
  if (seeing !== undefined) return seeing[0] ?? null
  // A class cannot be called; then it is looked from the others.
  for (const other of others) {
    const seen = whoSees(name, other, [one])
    if (seen === undefined) return undefined
    if (seen.length > 0) return other
  }
  return null
}

/** Those that see a change of a variable of `one`; undefined if it cannot be changed. */
function whoSees(
  name: string,
  one: Sharer,
  others: readonly Sharer[],
): readonly Sharer[] | undefined {
  const { fn, location, harmlessArguments } = one
  if (location === undefined) return undefined
  const holder = { before: undefined as unknown, mark: {} }
  const key = `skein.mark.${Math.random()}`
  const held = `globalThis[${JSON.stringify(key)}]`
  let answer: readonly Sharer[] | undefined
  let steps = 0
  let own: string | undefined
  Object.defineProperty(globalThis, key, { value: holder, configurable: true })
  try {
    stepping(fn, harmlessArguments, (frame, evaluate) => {
      own ??= frame.location.scriptId
      if (!isAt(frame, location)) return nextStep(frame, own, ++steps)
      if (evaluate(`${held}.before=${name};${name}=${held}.mark`) === undefined) return 'end'
      try {
        if (sees(fn, name, holder.mark))
          answer = others.filter((other) => sees(other.fn, name, holder.mark))
      } finally {
        evaluate(`${name}=${held}.before`)
      }
      return 'end'
    })
  } finally {
    Reflect.deleteProperty(globalThis, key)
  }
  return answer
}

function sees(fn: Function, name: string, mark: object): boolean {
  const scope = surroundings(fn).scopes.find((s) => Object.hasOwn(s.variables, name))
  return scope !== undefined && variableIn(scope, name) === mark
}
