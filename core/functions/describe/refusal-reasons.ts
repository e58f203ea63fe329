/** Why functions cannot travel, and what to write instead. */

export const evaluatedReason =
  'it was made from text by eval or new Function, so no file holds it; write it out in a file, ' +
  'or send the text and make the function where it is used'

export const proxyReason =
  'it is a Proxy, which would stay behind; send the function that it stands for'
export const proxyObjectReason =
  'it is a Proxy, which would stay behind; send a plain copy of what it shows'
export const nativeReason =
  'it is native code, which has no text to send; get it where it is used, in a function of your own'
/** What `new Intl.NumberFormat().format` gives has no name, as little as the `resolve` of a promise has. */
export const namelessReason =
  'it is native code, which has no text to send; if it is `format` of an Intl.NumberFormat or `compare` of ' +
  'an Intl.Collator, keep the formatter and call its method, `(x) => formatter.format(x)`, else get it ' +
  'where it is used, in a function of your own'

export const refusedNameReasons: ReadonlyMap<string, string> = new Map([
  ['new.target', 'it uses the `new.target` of the function internals it; createInjected it a name'],
  [
    'eval()',
    'what its text uses of the names internals it cannot be seen; `(0, eval)(text)` and ' +
      '`new Function` use none of them',
  ],
])
const instead = 'write `const self = this` outside it and use `self`'
export const unreadableThisReason = `an arrow function uses the \`this\` of the function internals it, which cannot be read; ${instead}`
export const debuggedThisReason = `an arrow function uses the \`this\` of the function internals it, which cannot be read while this process is debuggedThisReason; ${instead}`
export const unsetReason =
  'it has no value yet, as it is declared further down; add the operation after it'
const called = 'write `(x) => object.method(x)`, with the object that it is called on'
export const privateMemberReason = `a method that uses private members cannot go without its class; ${called}`
export const unknownSuperReason =
  'what `super` is here cannot be told, as no object has this method any more, or several have it that inherit ' +
  'from different ones; name what it inherits from, `base.method.call(this)` instead of `super.method()`'
