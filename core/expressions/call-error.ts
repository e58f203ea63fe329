/** The error of a call of an expression that fails. */
import { describeArgument } from './describe-argument.js'
import { formatPosition, type Position } from './errors.js'
import { OPERANDS } from './name-lookup.js'
import type { ParsedExpression } from './parsed-expression.js'

/** Returns the error of a call: the expression, what went wrong, the position in it, and the arguments. */
export function callError(
  parsed: ParsedExpression,
  error: unknown,
  at: Position | undefined,
  args: readonly unknown[],
): TypeError {
  const names = parsed.params ?? (args.length === 1 ? ['the item'] : OPERANDS)
  const given = args
    .slice(0, 4)
    .map((arg, i) => `${names[i] ?? `argument ${i + 1}`} is ${describeArgument(arg)}`)
  const message = error instanceof Error ? error.message : String(error)
  const facts = given.length === 0 ? '' : `\n  ${given.join(', ')}`
  return new TypeError(
    `${parsed.source}: ${clarify(message)}${formatPosition(parsed.source, at)}${facts}`,
  )
}

/** Rewrites messages of mathjs that are hard to understand. */
function clarify(message: string): string {
  const string = /^Cannot convert "([\s\S]*)" to a number$/.exec(message)
  if (string !== null)
    return `the string "${string[1]}" is not a number; join strings with concat(a, b), order them with compareText(a, b)`
  const actual =
    /^Unexpected type of argument in function (\w+) .*actual: ([\w |]+), index: (\d+)\)$/.exec(
      message,
    )
  if (actual === null) return message
  const [, name, kinds] = actual
  const kind = kinds!.split(' | ').at(-1)
  return `${name!.replace(/Scalar$/, '')} cannot take a value of type ${kind}`
}
