/**
 * Loads mathjs, which parses expressions and provides their functions. It is loaded for the first
 * expression, as its single built file, which takes a fifth of the time of the package's many files. The
 * instance is private to this package, so its settings affect no other user of mathjs.
 */
import { createRequire } from 'node:module'
import type { ConfigOptions } from 'mathjs'

/** The properties of mathjs's nodes that this package uses. */
export interface MathNode {
  readonly type: string
  readonly name?: string
  readonly value?: unknown
  readonly op?: string
  readonly fn?: string | MathNode
  readonly implicit?: boolean
  readonly args?: readonly MathNode[]
  readonly content?: MathNode
  readonly condition?: MathNode
  readonly trueExpr?: MathNode
  readonly falseExpr?: MathNode
  readonly conditionals?: readonly string[]
  /** The nodes of a chain of comparisons; the parameter names of a function definition. */
  readonly params?: readonly (MathNode | string)[]
  readonly expr?: MathNode
  readonly object?: MathNode
  readonly index?: MathNode | null
  readonly dimensions?: readonly MathNode[]
  readonly optionalChaining?: boolean
  readonly items?: readonly MathNode[]
  readonly blocks?: readonly { readonly node: MathNode; readonly visible: boolean }[]
  forEach(callback: (child: MathNode) => void): void
  equals(other: MathNode): boolean
  compile(): { evaluate(scope: object): unknown }
  toString(): string
}

/** A function of mathjs; `signatures` are its versions for fixed types, which do not check their arguments. */
export type MathFunction = ((...args: readonly unknown[]) => unknown) & {
  readonly signatures?: Readonly<Record<string, (...args: readonly number[]) => unknown>>
  /** Whether it takes its arguments unevaluated. */
  readonly rawArgs?: boolean
}

interface Instance extends Record<(typeof CHANGING)[number], MathFunction> {
  readonly parse: (source: string) => MathNode
  readonly expression: { readonly mathWithTransform: Record<string, MathFunction> }
  readonly equal: MathFunction
  readonly unequal: MathFunction
  import(members: object, options: object): void
}

/** The parts of mathjs that expressions use. */
export interface Mathjs {
  parse(source: string): MathNode
  /** Returns the function of a name; undefined if expressions may not call it or there is none. */
  find(name: string): MathFunction | undefined
  /** Returns the version of a function for `count` numbers, which does not check them; undefined if there is none. */
  forNumbers(name: string, count: number): ((...args: readonly number[]) => unknown) | undefined
  /** Whether mathjs has a function of this name that expressions may not call. */
  forbids(name: string): boolean
}

/** Functions that parse or run code, configure mathjs, or return values that JavaScript cannot use. */
const FORBIDDEN: ReadonlySet<string> = new Set(
  `import config createUnit evaluate parse compile parser simplify simplifyCore simplifyConstant
  derivative rationalize resolve symbolicEqual leafCount help typed reviver replacer unit splitUnit
  to toBest chain solveODE`.split(/\s+/),
)

/** Functions that modify their list arguments. */
const CHANGING = ['sort', 'partitionSelect', 'cross'] as const

let loaded: Mathjs | undefined

/** Returns mathjs; loads it at the first call. */
export function mathjs(): Mathjs {
  loaded ??= load()
  return loaded
}

function load(): Mathjs {
  const require = createRequire(import.meta.url)
  const bundle = require('mathjs/lib/browser/math.js') as {
    create(options: ConfigOptions): Instance
  }
  // The square root of -1 is NaN, not a complex number; matrices are arrays.
  const math = bundle.create({ predictable: true, matrix: 'Array' })
  const { parse, equal } = math
  math.import({ ...stringEquality(math), ...withoutSideEffects(math) }, { override: true })
  const functions = math.expression.mathWithTransform
  return {
    parse,
    find(name) {
      if (FORBIDDEN.has(name) || !Object.hasOwn(functions, name)) return undefined
      const found: unknown = functions[name]
      return typeof found === 'function' ? (found as MathFunction) : undefined
    },
    forNumbers(name, count) {
      const fn = name === 'equal' ? equal : functions[name]
      return fn?.signatures?.[new Array<string>(count).fill('number').join()]
    },
    forbids: (name) => FORBIDDEN.has(name),
  }
}

/** Comparisons of strings. mathjs compares them as numbers and throws if they are not; these then compare strings. */
function stringEquality({ equal, unequal }: Instance): Record<string, MathFunction> {
  const isString = (value: unknown): boolean => typeof value === 'string'
  const same = (a: unknown, b: unknown): boolean =>
    a === b || (isNumeric(a) && isNumeric(b) && equal(a, b) === true)
  return {
    equal: (...args) => (args.every(isString) ? same(args[0], args[1]) : equal(...args)),
    unequal: (...args) => (args.every(isString) ? !same(args[0], args[1]) : unequal(...args)),
  }
}

/** The functions that modify lists, applied to copies. */
function withoutSideEffects(math: Instance): Record<string, MathFunction> {
  return Object.fromEntries(
    CHANGING.map((name) => {
      const fn = math[name]
      return [name, (...args: readonly unknown[]) => fn(...args.map(copyList))]
    }),
  )
}

function copyList(value: unknown): unknown {
  return Array.isArray(value) ? value.map(copyList) : value
}

function isNumeric(string: unknown): boolean {
  return !Number.isNaN(Number(string))
}
