/** Encoding of values without functions. */
import { NotPortableError } from '../../base/errors.js'
import { TokenHolder } from '../bytes/token-holder.js'
import type { FunctionEncoding } from '../interfaces.js'

/** Refuses all functions except placeholders that hold a token. */
export const noFunctions: FunctionEncoding = {
  encodingOf: (fn, path) => {
    if (fn instanceof TokenHolder) return fn.token
    throw new NotPortableError(path, 'it must not contain functions')
  },
  tokenByName: () => undefined,
  isPlatform: () => false,
  typeToken: () => undefined,
}
