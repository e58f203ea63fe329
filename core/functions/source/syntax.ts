/** Parses the source code of functions and files with acorn. */
import type { Options } from 'acorn'
import { lazyPackage } from '../../base/lazy-package.js'
import type { FunctionForm } from '../types.js'

/** A node of acorn's syntax tree. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** The parsed source code of a function. */
export interface FunctionSyntax {
  readonly node: SyntaxNode
  readonly form: FunctionForm
  /** Whether it is valid in strict mode. */
  readonly strict: boolean
  /** The difference between positions in the tree and in the source code. */
  readonly shift: number
  /** The key of a method in the source code, which is replaced when it is built. */
  readonly key: SyntaxNode | undefined
  /** The key is in brackets. */
  readonly computed: boolean
}

const acorn = lazyPackage<typeof import('acorn')>('acorn')

const options = {
  ecmaVersion: 'latest',
  allowHashBang: true,
  allowImportExportEverywhere: true,
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
} as const satisfies Partial<Options>

/** Parses a whole file; undefined if acorn cannot parse it. */
export function parseFile(code: string, isModule: boolean): SyntaxNode | undefined {
  try {
    return acorn().parse(code, {
      ...options,
      sourceType: isModule ? 'module' : 'script',
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
    }) as unknown as SyntaxNode
  } catch {
    return undefined
  }
}

/** The ways to make a program from a function's source code, the most frequent one first. */
const forms = [
  { before: '(', after: '\n)', of: (program: SyntaxNode) => expressionOf(program) },
  { before: '({', after: '\n})', of: firstProperty },
  { before: '(class{', after: '\n})', of: firstMember },
] as const

/** Parses the source code of a function of any form; undefined if it is none. */
export function parseFunction(source: string): FunctionSyntax | undefined {
  for (const strict of [true, false]) {
    const directive = strict ? '"use strict";' : ''
    for (const frame of forms) {
      try {
        const code = directive + frame.before + source + frame.after
        const program = acorn().parse(code, { ...options, sourceType: 'script' })
        const read = frame.of(program as unknown as SyntaxNode)
        if (read === undefined) continue
        return { ...read, strict, shift: directive.length + frame.before.length }
      } catch {
        // It does not have this form.
      }
    }
  }
  return undefined
}

type DerivedVariable = Pick<FunctionSyntax, 'node' | 'form' | 'key' | 'computed'>

function expressionOf(program: SyntaxNode): DerivedVariable | undefined {
  const statement = (program.body as SyntaxNode[]).at(-1)!
  const node = statement.expression as SyntaxNode
  if (node.type === 'ClassExpression')
    return { node, form: 'class', key: undefined, computed: false }
  if (node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression')
    return { node, form: 'expression', key: undefined, computed: false }
  return undefined
}

function firstProperty(program: SyntaxNode): DerivedVariable | undefined {
  const object = (program.body as SyntaxNode[]).at(-1)!.expression as SyntaxNode
  return asMethod(object.properties as SyntaxNode[])
}

function firstMember(program: SyntaxNode): DerivedVariable | undefined {
  const node = (program.body as SyntaxNode[]).at(-1)!.expression as SyntaxNode
  return asMethod((node.body as SyntaxNode).body as SyntaxNode[])
}

function asMethod(members: readonly SyntaxNode[]): DerivedVariable | undefined {
  const [member] = members
  if (member === undefined || members.length !== 1) return undefined
  const node = member.value as SyntaxNode | null
  if (node?.type !== 'FunctionExpression') return undefined
  const form = member.kind === 'get' ? 'getter' : member.kind === 'set' ? 'setter' : 'method'
  return { node, form, key: member.key as SyntaxNode, computed: member.computed === true }
}

/** Whether a value is a node of a syntax tree. */
export function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'
  )
}

/** Calls `visit` with each direct child of a node. */
export function eachChild(node: SyntaxNode, visit: (child: SyntaxNode) => void): void {
  for (const field in node) {
    const value = node[field]
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item)
    } else if (isNode(value)) visit(value)
  }
}

/** Returns the literal specifier of an import of any kind, `require` included. */
export function importedBy(node: SyntaxNode): string | undefined {
  if (node.type === 'CallExpression') {
    const callee = node.callee as SyntaxNode
    if (callee.type !== 'Identifier' || callee.name !== 'require') return undefined
    return literal((node.arguments as SyntaxNode[])[0])
  }
  return /^Import(Declaration|Expression)$|^Export(Named|All)Declaration$/.test(node.type)
    ? literal(node.source as SyntaxNode | null)
    : undefined
}

function literal(node: SyntaxNode | null | undefined): string | undefined {
  return typeof node?.value === 'string' ? node.value : undefined
}
