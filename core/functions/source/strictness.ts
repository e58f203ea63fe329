/**
 * Strict and sloppy mode: the ranges of a file that are strict, and whether a function behaves the same
 * in both modes. The source code of a function alone does not show in which mode it was written.
 */
import type { Use } from './scope.js'
import { eachChild, type SyntaxNode } from './syntax.js'

/** A range of positions in a file. */
export interface SourceRange {
  readonly start: number
  readonly end: number
}

const everything: readonly SourceRange[] = [{ start: 0, end: Number.POSITIVE_INFINITY }]

/** Returns the strict ranges of a file: modules, classes, and code with a `'use strict'` directive. */
export function strictRanges(program: SyntaxNode, isModule: boolean): readonly SourceRange[] {
  if (isModule || hasStrictDirective(program)) return everything
  const found: SourceRange[] = []
  const visit = (node: SyntaxNode): void => {
    const isClass = node.type === 'ClassDeclaration' || node.type === 'ClassExpression'
    const body = node.body as SyntaxNode | undefined
    if (isClass || (isFunction(node) && hasStrictDirective(body!)))
      found.push({ start: node.start, end: node.end })
    else eachChild(node, visit)
  }
  visit(program)
  return found
}

function isFunction({ type }: SyntaxNode): boolean {
  return (
    type === 'FunctionDeclaration' ||
    type === 'FunctionExpression' ||
    type === 'ArrowFunctionExpression'
  )
}

function hasStrictDirective({ body }: SyntaxNode): boolean {
  if (!Array.isArray(body)) return false
  for (const { directive } of body as { directive?: string }[]) {
    if (directive === undefined) return false
    if (directive === 'use strict') return true
  }
  return false
}

/**
 * Whether a function may behave differently in sloppy mode, because of functions in blocks, `this`,
 * `arguments`, or what it assigns to or deletes.
 */
export function dependsOnStrictness(
  root: SyntaxNode,
  free: ReadonlyMap<string, readonly Use[]>,
): boolean {
  for (const uses of free.values()) if (uses.some((use) => use.assigned)) return true
  let found = false
  const visit = (node: SyntaxNode, inBlock: boolean): void => {
    if (found || node.type === 'ClassDeclaration' || node.type === 'ClassExpression') return
    found = dependsOnMode(node, inBlock)
    const body = isFunction(node) ? node.body : undefined
    eachChild(node, (child) => {
      if (child === body) eachChild(child, (statement) => visit(statement, false))
      else visit(child, true)
    })
  }
  visit(root, false)
  return found
}

function dependsOnMode(node: SyntaxNode, inBlock: boolean): boolean {
  switch (node.type) {
    case 'ThisExpression':
      return true
    case 'Identifier':
      return node.name === 'arguments' || node.name === 'eval'
    case 'FunctionDeclaration':
      return inBlock
    case 'AssignmentExpression':
      return (node.left as SyntaxNode).type !== 'Identifier'
    case 'UpdateExpression':
      return (node.argument as SyntaxNode).type !== 'Identifier'
    case 'UnaryExpression':
      return node.operator === 'delete'
    default:
      return false
  }
}
