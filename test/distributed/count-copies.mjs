/**
 * Counts the bytes of large copies in this thread or process. It is loaded with `--import`, and replaces the methods by
 * which JavaScript copies memory. Each copy adds a line, `who bytes`, to the file named by COUNT_COPIES_IN.
 */
import { appendFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

/** Copies of fewer bytes are not counted. */
const large = 1 << 20
const file = process.env.COUNT_COPIES_IN
const first = (process.env.COUNT_COPIES_FIRST ??= String(process.pid))
const who = `${first === String(process.pid) ? 'client' : 'worker'}${isMainThread ? '' : '-thread'}`

function count(bytes) {
  if (bytes >= large) appendFileSync(file, `${who} ${bytes}\n`)
}

/** Replaces a method by one that counts the bytes that `bytesOf` finds in its arguments and result. */
function watch(owner, name, bytesOf) {
  const method = owner[name]
  owner[name] = function (...args) {
    const result = method.apply(this, args)
    count(bytesOf(args, result))
    return result
  }
}

const typedArrays = Object.getPrototypeOf(Uint8Array.prototype)
watch(typedArrays, 'set', ([source]) => source.byteLength ?? 0)
watch(typedArrays, 'slice', (_, copy) => copy.byteLength)
watch(ArrayBuffer.prototype, 'slice', (_, copy) => copy.byteLength)
watch(SharedArrayBuffer.prototype, 'slice', (_, copy) => copy.byteLength)
watch(Buffer.prototype, 'copy', (_, bytes) => bytes)
watch(Buffer, 'concat', (_, copy) => copy.byteLength)
watch(Buffer, 'from', ([source], copy) => (ArrayBuffer.isView(source) ? copy.byteLength : 0))
watch(globalThis, 'structuredClone', (_, copy) => copy?.byteLength ?? 0)
for (const name of ['Uint8Array', 'Float64Array']) {
  globalThis[name] = new Proxy(globalThis[name], {
    construct(Type, args, target) {
      const made = Reflect.construct(Type, args, target)
      if (ArrayBuffer.isView(args[0])) count(made.byteLength)
      return made
    },
  })
}
