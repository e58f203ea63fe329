/**
 * Static members in the source code of a class that is sent. Static fields and blocks have run already;
 * their results are sent as properties of the class.
 */
import type { SyntaxNode } from '../source/syntax.js'
import { membersOf } from '../source/written-members.js'
import { STATICS_NAME } from './reserved-names.js'

/**
 * Removes static fields and blocks. Private static fields stay, without a value; their names are
 * returned.
 */
export function stripStatics(
  node: SyntaxNode,
  replace: (node: SyntaxNode, code: string) => void,
): string[] {
  const names: string[] = []
  for (const member of membersOf(node)) {
    const key = member.key as SyntaxNode | undefined
    const isField = member.type === 'PropertyDefinition' && member.static === true
    if (isField && key?.type === 'PrivateIdentifier') {
      names.push(`#${key.name as string}`)
      replace(member, `static #${key.name as string};`)
    } else if (isField || member.type === 'StaticBlock') replace(member, ';')
  }
  return names
}

/** Returns code for the end of a class by which its private static fields can be set once from outside. */
export function privateStaticSetter(names: readonly string[], suffix: string): string {
  const sets = names.map((name, i) => `this.${name}=v[${i}]`).join(';')
  return `;static{${STATICS_NAME}${suffix}((v)=>{${sets}})}`
}
