/**
 * Refuses JavaScript runtimes that cannot run this package, by name. Every entry point imports this file
 * first, and it imports nothing, so that the error comes before any error of something that is missing.
 *
 * Functions are sent with the help of V8's inspector, which Deno and Bun do not answer synchronously, and
 * Bun cannot load the ZeroMQ library.
 */

/** The oldest supported version of Node.js: the first one that loads ES modules with `require`. */
const oldest = [20, 19] as const

/** Globals that identify the runtime. */
export interface RuntimeGlobals {
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> }
  readonly document?: unknown
  readonly importScripts?: unknown
  readonly navigator?: { readonly userAgent?: string }
}

/** Returns the name of the runtime if it cannot run this package, such as `Bun 1.4.5` or `a browser`. */
export function unsupportedRuntime(globals: RuntimeGlobals): string | undefined {
  const versions = globals.process?.versions
  if (versions?.bun !== undefined) return `Bun ${versions.bun}`
  if (versions?.deno !== undefined) return `Deno ${versions.deno}`
  if (versions?.node !== undefined) {
    const [major, minor] = versions.node.split('.').map(Number) as [number, number]
    const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1])
    return isOld ? `Node.js ${versions.node}` : undefined
  }
  const agent = globals.navigator?.userAgent
  if (typeof globals.document === 'object' || typeof globals.importScripts === 'function')
    return 'a browser'
  return agent === undefined ? undefined : `another runtime (${agent})`
}

const found = unsupportedRuntime(globalThis as RuntimeGlobals)
if (found !== undefined) {
  const advice = found.startsWith('Node.js')
    ? 'Install a newer version of Node.js.'
    : 'Run the program with `node`.'
  const message = `Skein runs on Node.js ${oldest.join('.')} or newer; this is ${found}. ${advice}`
  throw Object.assign(new Error(message), { code: 'UNSUPPORTED_RUNTIME' })
}
