/**
 * Copies of values for a client of the same process, which receives messages as objects: the scheduler may keep
 * the same bytes, or send them to other clients, and arrays that are decoded from them share their memory.
 * A result that only one client gets is not copied.
 */
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'
import type { WireFailure } from '../../protocol/index.js'

/** Values that one message contains and nothing else refers to. */
const exclusive = new WeakSet<object>()

/** Notes that a value is sent once and not kept, so that its receiver may own its memory. */
export function giveAway(value: StoredValue): void {
  if (isEncoded(value)) exclusive.add(value)
}

/** Returns a message whose values have memory of their own. */
export function copyMessageValues<M extends { readonly op: string }>(message: M): M {
  const { values, value, failure } = message as {
    values?: readonly StoredValue[]
    value?: StoredValue
    failure?: WireFailure
  }
  if (message.op === 'values') return { ...message, values: values!.map(copyOf) }
  if (message.op === 'reply') return { ...message, value: copyOf(value) }
  if (failure?.kind === 'erred')
    return { ...message, failure: { ...failure, error: copyOf(failure.error) } }
  return message
}

function copyOf(value: StoredValue): StoredValue {
  if (!isEncoded(value) || exclusive.has(value)) return value
  const { head, buffers } = value
  return { ...value, head: new Uint8Array(head), buffers: buffers.map((b) => new Uint8Array(b)) }
}
