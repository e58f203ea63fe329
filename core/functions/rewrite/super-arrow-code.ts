/**
 * Arrows in a class's text that only the class can make, as they say `super` or `#x`; and what is added to
 * the text so that they can be made on the other side, for an object that exists already.
 *
 * The class hands over a method of its own that makes such an arrow anew: its `this` is the object, and
 * it is given what the arrow uses of the constructor or method that it stood in.
 */

import type { Scope, ScopedUse } from '../source/scope.js'
import { eachChild, type SyntaxNode } from '../source/syntax.js'
import { REVIVAL_NAME } from './private-member-code.js'

/** An arrow that needs its class. */
export interface ClassArrow {
  /** Where it stands in the text of the class. */
  readonly start: number
  readonly end: number
  readonly isStatic: boolean
  /** The names that are declared between the class and the arrow. */
  readonly locals: readonly string[]
}

const MAKE_NAME = '$skeinMake'

/** What cannot be given to an arrow that is made anew. */
const notGiven: ReadonlySet<string> = new Set(['arguments', 'new.target', 'import.meta'])
const wordNames: ReadonlySet<string> = new Set(['this', 'super'])

/** The arrows of a class that need it; `uses` are those of a walk over the class. */
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

/** Whether an arrow calls `super(...)`, which is for constructors, and once only. */
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
    // Classes inside make their own.
    if (/^Class(?:Expression|Declaration)$/.test(node.type)) continue
    eachChild(node, (child) => stack.push(child))
  }
  return found
}

/** The names from between a class and an arrow; undefined if the arrow can do without its class. */
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
    if (notGiven.has(name)) return undefined
    if (name === 'super' || name.startsWith('#')) needsClass ||= isAround(declared, Class)
    else if (declared === undefined ? !isFree(name) : !wordNames.has(name))
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

/** Whether a scope is that in which a class's own name counts. */
function isOwnName(scope: Scope | undefined, { start, end }: SyntaxNode): boolean {
  return scope?.range.start === start && scope.range.end === end
}

/**
 * The end of a class's text that hands over what makes its arrows; `suffix` follows our names in it, and
 * `textOf` gives an arrow's text.
 */
export function arrowFactoriesCode(
  arrows: readonly ClassArrow[],
  suffix: string,
  textOf: (arrow: ClassArrow) => string,
): string {
  let text = ''
  const [stamp, make] = [REVIVAL_NAME + suffix, MAKE_NAME + suffix]
  for (const isStatic of [false, true]) {
    const cases = arrows.map((arrow, i) => {
      if (arrow.isStatic !== isStatic) return ''
      const { locals } = arrow
      const given = locals.length === 0 ? '' : `let[${locals.join()}]=arguments[1];`
      return `case ${i}:{${given}return ${textOf(arrow)}\n}`
    })
    if (cases.every((part) => part === '')) continue
    const holder = isStatic ? 'this' : 'this.prototype'
    text +=
      `;${isStatic ? 'static' : ''}['${make}'](){switch(arguments[0]){${cases.join('')}}}` +
      `static{${stamp}.makes(this,${isStatic},${holder}.${make});delete ${holder}.${make}}`
  }
  return text
}

/** The text of a function that stands for an arrow which its class makes when it is first called. */
export function arrowWrapperCode(index: number, isStatic: boolean): string {
  const made = `${REVIVAL_NAME}.make(${CLASS_NAME},${isStatic},${index},${ARROW_THIS_NAME},${ARROW_LOCALS_NAME})`
  return `((f)=>${REVIVAL_NAME}.standsFor((...a)=>(f??=${made})(...a),()=>[${CLASS_NAME},${index},${ARROW_THIS_NAME},${ARROW_LOCALS_NAME}]))()`
}

/** What such a function captures: its class, the arrow's `this`, and what it uses internals it. */
export const CLASS_NAME = '$skeinClass'
export const ARROW_THIS_NAME = '$skeinThis'
export const ARROW_LOCALS_NAME = '$skeinLocals'
