/**
 * mathjs, which reads expressions and knows their functions. It is loaded when the first expression
 * is met: the built file, which takes a fifth of the time that the package's many files take. The
 * instance is ours alone, so its settings and what it forbids concern nobody else.
 */
import { createRequire } from 'node:module'
import type { ConfigOptions } from 'mathjs'

/** What we read of mathjs's nodes. */
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
  /** Nodes of a chain of comparisons, names of a function's definition. */
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

/** A function of mathjs; `signatures` are its versions for known types, which check nothing. */
export type MathFunction = ((...args: readonly unknown[]) => unknown) & {
  readonly signatures?: Readonly<Record<string, (...args: readonly number[]) => unknown>>
  /** Whether it takes its arguments unevaluated. */
  readonly rawArgs?: boolean
}

interface Instance extends Record<(typeof CHANGING)[number], MathFunction> {
  readonly parse: (text: string) => MathNode
  readonly expression: { readonly mathWithTransform: Record<string, MathFunction> }
  readonly equal: MathFunction
  readonly unequal: MathFunction
  import(members: object, options: object): void
}

/** What expressions are read with and made of. */
export interface Mathjs {
  parse(text: string): MathNode
  /** The function of this name that expressions may call. */
  find(name: string): MathFunction | undefined
  /** The version of a function for so many numbers, which checks nothing; undefined if there is none. */
  forNumbers(name: string, count: number): ((...args: readonly number[]) => unknown) | undefined
  /** Whether mathjs has a function of this name that expressions may not call. */
  forbids(name: string): boolean
}

/** Functions that read or run code, change mathjs, or give what is of no use to JavaScript. */
const FORBIDDEN: ReadonlySet<string> = new Set(
  `import config createUnit evaluate parse compile parser simplify simplifyCore simplifyConstant
  derivative rationalize resolve symbolicEqual leafCount help typed reviver replacer unit splitUnit
  to toBest chain solveODE`.split(/\s+/),
)

/** Functions that change the lists they are given. */
const CHANGING = ['sort', 'partitionSelect', 'cross'] as const

let loaded: Mathjs | undefined

/** mathjs, loaded at the first call. */
export function mathjs(): Mathjs {
  loaded ??= load()
  return loaded
}

function load(): Mathjs {
  const require = createRequire(import.meta.url)
  const bundle = require('mathjs/lib/browser/math.js') as {
    create(options: ConfigOptions): Instance
  }
  // Numbers stay numbers: the root of -1 is NaN and not a complex number; lists are arrays.
  const math = bundle.create({ predictable: true, matrix: 'Array' })
  const { parse, equal } = math
  math.import({ ...textEqual(math), ...harmless(math) }, { override: true })
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

/** mathjs compares texts as the numbers in them and fails if there are none; then we compare texts. */
function textEqual({ equal, unequal }: Instance): Record<string, MathFunction> {
  const isText = (value: unknown): boolean => typeof value === 'string'
  const same = (a: unknown, b: unknown): boolean =>
    a === b || (isNumeric(a) && isNumeric(b) && equal(a, b) === true)
  return {
    equal: (...args) => (args.every(isText) ? same(args[0], args[1]) : equal(...args)),
    unequal: (...args) => (args.every(isText) ? !same(args[0], args[1]) : unequal(...args)),
  }
}

/** The functions that change lists, given copies. */
function harmless(math: Instance): Record<string, MathFunction> {
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

function isNumeric(text: unknown): boolean {
  return !Number.isNaN(Number(text))
}
