/**
 * Compiled code of deferred bundles in files, so that the next process need not parse them: until a first result that would
 * take most of the time. The files are in `node_modules/.cache/skein` of this package, a folder for each version of Node.
 *
 * Only those who can change the package itself can write there. Where nothing can be written,
 * nothing is kept. Each file begins with a hash of the source and the compiled code, since V8 compares neither.
 * `NODE_DISABLE_COMPILE_CACHE` turns this off, as it does for Node's own cache.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import { lazyPackage } from './lazy-package.js'
import { packageRoot } from './package-root.js'

const crypto = lazyPackage<typeof import('node:crypto')>('node:crypto')

const hashLength = 32

/** Compiled code that was read from a file cannot count what runs, which a report of coverage needs. */
const isOff = Boolean(process.env.NODE_DISABLE_COMPILE_CACHE || process.env.NODE_V8_COVERAGE)

const folder = fileURLToPath(
  new URL(`../node_modules/.cache/skein/${process.version}-${process.arch}/`, packageRoot),
)

const fileOf = (bundle: string): string => `${folder}${bundle.replaceAll('/', '-')}.bin`

function hashOf(source: Uint8Array, code: Uint8Array): Uint8Array {
  return crypto().createHash('sha256').update(source).update(code).digest()
}

/** Returns the compiled code of a bundle, in shared memory; undefined if there is none for this source. */
export function readCompiledCode(bundle: string, source: Uint8Array): Uint8Array | undefined {
  if (isOff) return undefined
  let file: number | undefined
  try {
    file = openSync(fileOf(bundle), 'r')
    const bytes = new Uint8Array(new SharedArrayBuffer(fstatSync(file).size))
    if (readSync(file, bytes) !== bytes.length || bytes.length <= hashLength) return undefined
    const code = bytes.subarray(hashLength)
    const isOwn = Buffer.compare(hashOf(source, code), bytes.subarray(0, hashLength)) === 0
    return isOwn ? code : undefined
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Keeps the compiled code of bundles for other processes, if that is possible. `compile` returns the code of one. */
export function keepCompiledCode(
  sources: ReadonlyMap<string, Uint8Array>,
  compile: (bundle: string) => Uint8Array,
): void {
  if (isOff) return
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
  } catch {
    return
  }
  for (const [bundle, source] of sources) {
    const file = fileOf(bundle)
    const partial = `${file}.${process.pid}`
    try {
      const code = compile(bundle)
      writeFileSync(partial, hashOf(source, code), { mode: 0o644 })
      writeFileSync(partial, code, { flag: 'a' })
      renameSync(partial, file)
    } catch {
      rmSync(partial, { force: true })
    }
  }
}
