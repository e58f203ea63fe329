import type { Annotations } from '../recipe.js'

/** Whether two annotations are equal, so that their tasks may be fused. */
export function sameAnnotations(a: Annotations | undefined, b: Annotations | undefined): boolean {
  return a === b || JSON.stringify(a ?? {}) === JSON.stringify(b ?? {})
}
