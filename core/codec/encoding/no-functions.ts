/** Encoding of values that hold no functions. */
import { NotPortableError } from '../../base/errors.js'
import { TokenHolder } from '../bytes/token-holder.js'
import type { FunctionEncoding } from '../interfaces.js'

/** For values that hold no functions. */
export const noFunctions: FunctionEncoding = {
  encodingOf: (fn, path) => {
    if (fn instanceof TokenHolder) return fn.token
    throw new NotPortableError(path, 'no functions are expected in it')
  },
  tokenByName: () => undefined,
  isPlatform: () => false,
  typeToken: () => undefined,
}
