/**
 * Messages to a client of the same process, which come as they are: the bytes of their values may be
 * kept here, or go to other clients too, and arrays read from them lie upon them.
 */
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'
import type { WireFailure } from '../../protocol/index.js'

/** The same message, with memory of its own for each value that a user will hold. */
export function copyMessageValues<M extends { readonly op: string }>(message: M): M {
  const { values, value, failure } = message as {
    values?: readonly StoredValue[]
    value?: StoredValue
    failure?: WireFailure
  }
  if (message.op === 'values') return { ...message, values: values!.map(copied) }
  if (message.op === 'reply') return { ...message, value: copied(value) }
  if (failure?.kind === 'erred')
    return { ...message, failure: { ...failure, error: copied(failure.error) } }
  return message
}

function copied(value: StoredValue): StoredValue {
  if (!isEncoded(value)) return value
  const { head, buffers } = value
  return { ...value, head: new Uint8Array(head), buffers: buffers.map((b) => new Uint8Array(b)) }
}
