/**
 * The private members of a class's instances, and the code that is added to the class so that the
 * receiver can put them on objects without running user code.
 *
 * Only the class itself can add its private members to an object, which it does while it constructs
 * one. So its constructor returns early and its fields stay empty while `$skeinStamp.on` is set, and a
 * static block at its end registers functions that read and write its private fields. See
 * `classes/private-fields.ts`.
 */
import type { SyntaxNode } from '../source/syntax.js'

/** The name of the revival state (`revivalState`) in the source code that is sent. */
export const REVIVAL_NAME = '$skeinStamp'

/** The private members of a class's instances. */
export interface PrivateMembers {
  /** One of their names, `#` included. */
  readonly brand: string
  /**
   * The names of the private fields, in the order of the source code. Methods and accessors are not
   * among them.
   */
  readonly fields: readonly string[]
}

interface Insertion {
  readonly at: number
  readonly code: string
}

function membersOf(node: SyntaxNode): readonly SyntaxNode[] {
  return (node.body as SyntaxNode).body as SyntaxNode[]
}

/** Returns the private members of the instances of a class; undefined if they have none. */
export function privateMembersOf(node: SyntaxNode): PrivateMembers | undefined {
  const fields: string[] = []
  let brand: string | undefined
  for (const member of membersOf(node)) {
    const key = member.key as SyntaxNode | undefined
    if (key?.type !== 'PrivateIdentifier' || member.static === true) continue
    const name = `#${key.name as string}`
    brand ??= name
    if (member.type === 'PropertyDefinition') fields.push(name)
  }
  return brand === undefined ? undefined : { brand, fields }
}

/** Returns the code to insert into a class whose instances have private members, and the positions. */
export function revivalInsertions(
  node: SyntaxNode,
  { brand, fields }: PrivateMembers,
  suffix: string,
): Insertion[] {
  const name = REVIVAL_NAME + suffix
  const inserted: Insertion[] = []
  let parameters: readonly SyntaxNode[] | undefined
  const derived = node.superClass !== null
  for (const member of membersOf(node)) {
    const value = member.value as SyntaxNode | null | undefined
    if (member.static === true || value === null || value === undefined) continue
    if (member.type === 'PropertyDefinition') {
      if (isHarmless(value)) continue
      inserted.push({ at: value.start, code: `${name}.on?void 0:(` })
      inserted.push({ at: value.end, code: ')' })
    } else if (member.kind === 'constructor') {
      parameters = value.params as SyntaxNode[]
      const leave = derived ? `{super(...${name}.next());return}` : 'return;'
      const at = (value.body as SyntaxNode).start + 1
      inserted.push({ at, code: `if(${name}.on)${leave}` })
    }
  }
  const args = parameters === undefined ? undefined : `[${inertArgumentsFor(parameters)}]`
  const writes = fields.map((field, i) => `o.${field}=v[${i}]`).join(';')
  const reads = fields.map((field) => `o.${field}`).join()
  inserted.push({
    at: (node.body as SyntaxNode).end - 1,
    code:
      `;static{${name}.add(this,{base:${!derived},has:(o)=>${brand} in o,` +
      `read:(o)=>[${reads}],write:(o,v)=>{${writes}},args:${args}})}`,
  })
  return inserted
}

/** Whether the initial value of a field has no side effects; functions also keep their names this way. */
function isHarmless(value: SyntaxNode): boolean {
  switch (value.type) {
    case 'Literal':
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return true
    case 'UnaryExpression':
      return (value.argument as SyntaxNode).type === 'Literal'
    case 'ArrayExpression':
      return (value.elements as unknown[]).length === 0
    case 'ObjectExpression':
      return (value.properties as unknown[]).length === 0
    default:
      return false
  }
}

/** Returns the source code of arguments with which parameters compute nothing. */
export function inertArgumentsFor(parameters: readonly SyntaxNode[]): string {
  return parameters.map(inertArgument).join()
}

/** Returns an argument with which a parameter computes nothing; `null` prevents its default value. */
function inertArgument(parameter: SyntaxNode): string {
  switch (parameter.type) {
    case 'AssignmentPattern':
      return inertArgument(parameter.left as SyntaxNode)
    case 'ArrayPattern': {
      const elements = parameter.elements as (SyntaxNode | null)[]
      return `[${elements.map((e) => (e === null ? 'null' : inertArgument(e))).join()}]`
    }
    case 'ObjectPattern': {
      const properties = parameter.properties as SyntaxNode[]
      const parts = properties.flatMap(({ type, computed, key, value }) => {
        if (type === 'RestElement' || computed === true) return []
        const { name, value: literal } = key as unknown as { name?: string; value?: unknown }
        return [`${JSON.stringify(name ?? String(literal))}:${inertArgument(value as SyntaxNode)}`]
      })
      return `{${parts.join()}}`
    }
    case 'RestElement':
      return ''
    default:
      return 'null'
  }
}
