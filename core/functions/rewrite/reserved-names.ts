/**
 * The names that this package adds to the source code of functions. If the user's code contains such a
 * name as well, ours get a suffix.
 */
import { parseCaptureName } from './injected-values.js'
import { ARROW_THIS_NAME, CLASS_NAME } from './super-arrow-code.js'

/** Replaces `import.meta`, which only modules may contain. */
export const META_NAME = '$skeinMeta'

/** Replaces `import`; it has the same length, so that columns do not change. */
export const IMPORT_NAME = '$skein'

/** The name of a file's `require`. */
export const REQUIRE_NAME = '$skeinRequire'

/** The name of the user's files that the function imports when it runs. */
export const FILES_NAME = '$skeinFiles'

/** The name of the object that replaces `globalThis`; not longer than that. */
export const GLOBALS_NAME = '$skeinG'

/** Replaces the `arguments` of the function around an arrow. */
export const ARGUMENTS_NAME = '$skeinArguments'

/** Replaces the `this` of the function around an arrow; it has the same length. */
export const THIS_NAME = '$ths'

/** Returns the name of a captured value in the user's own source code. */
export function originalName(name: string): string {
  const { injected } = parseCaptureName(name)
  if (injected !== undefined) return injected
  if (name.startsWith(THIS_NAME) || name === ARROW_THIS_NAME) return 'this'
  if (name === CLASS_NAME) return 'constructor'
  return name.startsWith(ARGUMENTS_NAME) ? 'arguments' : name
}

/** The function that a class calls with a setter of its private static fields. */
export const STATICS_NAME = '$skeinStatics'

/** The base class in the source code that is sent; the real one is set afterwards. */
export const BASE_NAME = '$skeinBase'

/** The prefix of a capture without a value; the rest of its name is the suffix of our names. */
export const SUFFIX = 'names:'

/** Returns a suffix that makes our names differ from all names in a function's source code. */
export function suffixFor(source: string): string {
  let suffix = ''
  if (!source.includes(IMPORT_NAME)) return suffix
  const taken = new Set(
    [...source.matchAll(/\$skein[A-Za-z]*\d*(\$*)(?![\w$])/g)].map((m) => m[1]!),
  )
  while (taken.has(suffix)) suffix += '$'
  return suffix
}
