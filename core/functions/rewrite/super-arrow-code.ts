/**
 * Arrow functions in a class that only the class can create, as they use `super` or `#x`, and the code
 * that is added to the class so that the receiver can create them for an existing object.
 *
 * The class gets a method that creates such an arrow anew: its `this` is the object, and it is passed
 * the variables that the arrow uses of the constructor or method around it.
 */

import type { Scope, ScopedUse } from '../source/scope.js'
import { eachChild, type SyntaxNode } from '../source/syntax.js'
import { REVIVAL_NAME } from './private-member-code.js'

/** An arrow that only its class can create. */
export interface ClassArrow {
  /** Its range in the source code of the class. */
  readonly start: number
  readonly end: number
  readonly isStatic: boolean
  /** The names that are declared between the class and the arrow. */
  readonly locals: readonly string[]
}

const MAKE_NAME = '$skeinMake'

/** An arrow that uses one of these cannot be created anew. */
const unavailableNames: ReadonlySet<string> = new Set(['arguments', 'new.target', 'import.meta'])
const keywordNames: ReadonlySet<string> = new Set(['this', 'super'])

/** Returns the arrows that only their class can create; `uses` are those of a walk over the class. */
export function findClassArrows(
  node: SyntaxNode,
  uses: readonly ScopedUse[],
  isFree: (name: string) => boolean,
  shift: number,
): ClassArrow[] {
  if (!uses.some(({ name }) => name === 'super' || name.startsWith('#'))) return []
  const found: ClassArrow[] = []
  for (const member of (node.body as SyntaxNode).body as SyntaxNode[])
    for (const arrow of arrowsIn(member)) {
      if (constructsBase(arrow)) continue
      const outer = outerNames(arrow, node, uses, isFree)
      if (outer === undefined) continue
      const { start, end } = arrow
      const isStatic = member.static === true || member.type === 'StaticBlock'
      found.push({ start: start - shift, end: end - shift, isStatic, locals: outer })
    }
  return found.sort((a, b) => a.start - b.start)
}

/** Whether an arrow calls `super(...)`, which only a constructor may do, and once. */
function constructsBase(node: SyntaxNode): boolean {
  if (node.type === 'CallExpression' && (node.callee as SyntaxNode).type === 'Super') return true
  let found = false
  eachChild(node, (child) => {
    found ||= constructsBase(child)
  })
  return found
}

function arrowsIn(root: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = []
  const stack = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.type === 'ArrowFunctionExpression') found.push(node)
    // Nested classes create their own.
    if (/^Class(?:Expression|Declaration)$/.test(node.type)) continue
    eachChild(node, (child) => stack.push(child))
  }
  return found
}

/**
 * Returns the names that an arrow uses from between the class and itself; undefined if it does not need
 * its class.
 */
function outerNames(
  arrow: SyntaxNode,
  Class: SyntaxNode,
  uses: readonly ScopedUse[],
  isFree: (name: string) => boolean,
): string[] | undefined {
  const locals = new Set<string>()
  let needsClass = false
  for (const { name, node, scope } of uses) {
    if (node.start < arrow.start || node.end > arrow.end) continue
    const declared = scope.find(name)
    if (declared !== undefined && isInside(declared, arrow)) continue
    if (unavailableNames.has(name)) return undefined
    if (name === 'super' || name.startsWith('#')) needsClass ||= isAround(declared, Class)
    else if (declared === undefined ? !isFree(name) : !keywordNames.has(name))
      if (!isOwnName(declared, Class)) locals.add(name)
  }
  return needsClass ? [...locals] : undefined
}

function isInside({ range }: Scope, { start, end }: SyntaxNode): boolean {
  return range.start >= start && range.end <= end
}

function isAround(scope: Scope | undefined, { start }: SyntaxNode): boolean {
  return scope !== undefined && scope.range.start >= start
}

/** Whether a scope is the one that declares a class's own name. */
function isOwnName(scope: Scope | undefined, { start, end }: SyntaxNode): boolean {
  return scope?.range.start === start && scope.range.end === end
}

/**
 * Returns the code for the end of a class that registers the methods which create its arrows. `suffix`
 * is that of our names, and `codeOf` returns the source code of an arrow.
 */
export function arrowFactoriesCode(
  arrows: readonly ClassArrow[],
  suffix: string,
  codeOf: (arrow: ClassArrow) => string,
): string {
  let code = ''
  const [revival, make] = [REVIVAL_NAME + suffix, MAKE_NAME + suffix]
  for (const isStatic of [false, true]) {
    const cases = arrows.map((arrow, i) => {
      if (arrow.isStatic !== isStatic) return ''
      const { locals } = arrow
      const assignLocals = locals.length === 0 ? '' : `let[${locals.join()}]=arguments[1];`
      return `case ${i}:{${assignLocals}return ${codeOf(arrow)}\n}`
    })
    if (cases.every((part) => part === '')) continue
    const target = isStatic ? 'this' : 'this.prototype'
    code +=
      `;${isStatic ? 'static' : ''}['${make}'](){switch(arguments[0]){${cases.join('')}}}` +
      `static{${revival}.makes(this,${isStatic},${target}.${make});delete ${target}.${make}}`
  }
  return code
}

/** Returns the source code of a function that wraps an arrow, which its class creates at the first call. */
export function arrowWrapperCode(index: number, isStatic: boolean): string {
  const created = `${REVIVAL_NAME}.make(${CLASS_NAME},${isStatic},${index},${ARROW_THIS_NAME},${ARROW_LOCALS_NAME})`
  return `((f)=>${REVIVAL_NAME}.standsFor((...a)=>(f??=${created})(...a),()=>[${CLASS_NAME},${index},${ARROW_THIS_NAME},${ARROW_LOCALS_NAME}]))()`
}

/**
 * The captures of such a wrapper: the class, the arrow's `this`, and the variables that it uses around
 * it.
 */
export const CLASS_NAME = '$skeinClass'
export const ARROW_THIS_NAME = '$skeinThis'
export const ARROW_LOCALS_NAME = '$skeinLocals'
