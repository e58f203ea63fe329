/**
 * The names that this package puts into the text of functions. They begin like no others, and where a user's
 * text has such a name as well, ours are longer by a suffix.
 */
import { parseCaptureName } from './injected-values.js'
import { ARROW_THIS_NAME, CLASS_NAME } from './super-arrow-code.js'

/** The name under which `import.meta` goes along, as only modules may contain the words. */
export const META_NAME = '$skeinMeta'

/** What `import` becomes in the text: of the same length, so that columns stay what they are. */
export const IMPORT_NAME = '$skein'

/** The name under which a file's `require` goes along. */
export const REQUIRE_NAME = '$skeinRequire'

/** The name under which the user's own files go along that are imported when the function runs. */
export const FILES_NAME = '$skeinFiles'

/** The name under which the `arguments` of the function internals an arrow go along. */
export const ARGUMENTS_NAME = '$skeinArguments'

/** The name under which the `this` of the function internals an arrow goes along; as long as the word. */
export const THIS_NAME = '$ths'

/** What a captured value is called in the text that the user wrote. */
export function originalName(name: string): string {
  const { given } = parseCaptureName(name)
  if (given !== undefined) return given
  if (name.startsWith(THIS_NAME) || name === ARROW_THIS_NAME) return 'this'
  if (name === CLASS_NAME) return 'constructor'
  return name.startsWith(ARGUMENTS_NAME) ? 'arguments' : name
}

/** What a class's own code calls with a function that sets its private static fields. */
export const STATICS_NAME = '$skeinStatics'

/** What a class extends in the text that is sent, until it is told what it extends in truth. */
export const BASE_NAME = '$skeinBase'

/** Before what follows our names in a text, as the name of a capture without a value. */
export const SUFFIX = 'names:'

/** What makes our names others than the user's. */
export function suffixFor(source: string): string {
  let suffix = ''
  if (!source.includes(IMPORT_NAME)) return suffix
  const taken = new Set(
    [...source.matchAll(/\$skein[A-Za-z]*\d*(\$*)(?![\w$])/g)].map((m) => m[1]!),
  )
  while (taken.has(suffix)) suffix += '$'
  return suffix
}
