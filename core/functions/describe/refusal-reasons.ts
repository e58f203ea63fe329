/** The reasons for which functions and values cannot be sent, each with what to write instead. */

export const evaluatedReason =
  'it was made by eval or new Function, so no file contains it; write it in a file, ' +
  'or send the string and make the function where it is used'
export const proxyReason = 'it is a Proxy, which cannot be sent; send the function that it wraps'
export const proxyObjectReason =
  'it is a Proxy, which cannot be sent; send a plain copy of its content'
export const mockReason =
  'it is a mock function of a test runner, which records its calls in this process only; send a function of ' +
  'your own'
export const nativeReason =
  'it is native code, which has no source to send; get it where it is used, in a function of your own'
/**
 * For native functions without a name, such as `new Intl.NumberFormat().format` and the `resolve` of a
 * promise.
 */
export const namelessReason =
  'it is native code, which has no source to send; if it is `format` of an Intl.NumberFormat or `compare` of ' +
  'an Intl.Collator, keep the formatter and call its method, `(x) => formatter.format(x)`, else get it ' +
  'where it is used, in a function of your own'

/** For functions whose source code cannot be parsed. */
export function unparsableReason(source: string): string {
  return `its source cannot be parsed: ${source.slice(0, 60)}`
}

/** Names that no function may use, as their values belong to the function around it. */
export const refusedNameReasons: ReadonlyMap<string, string> = new Map([
  ['new.target', 'it uses the `new.target` of the function around it; assign it to a variable'],
  [
    'eval()',
    'a direct eval may use any name around it, and those cannot be found; `(0, eval)(code)` and ' +
      '`new Function` use none of them',
  ],
])
const instead = 'write `const self = this` outside it and use `self`'
export const unreadableThisReason = `an arrow function uses the \`this\` of the function around it, which cannot be read; ${instead}`
export const debuggedThisReason = `an arrow function uses the \`this\` of the function around it, which cannot be read while this process is debugged; ${instead}`
export const unsetReason =
  'it has no value yet, as it is declared further down; add the operation after it'
export const ambiguousVariableReason =
  'several functions that are sent assign to variables of this name, and it cannot be found out which of ' +
  'them share one; hold its value in an object'
export const privateMemberReason =
  'a method that uses private members cannot be sent without its class; write ' +
  '`(x) => object.method(x)`, with the object that it is called on'
export const unknownSuperReason =
  'the object that `super` refers to cannot be found, as no object has this method any more, or several ' +
  'with different prototypes have it; name the prototype, `base.method.call(this)` instead of `super.method()`'
