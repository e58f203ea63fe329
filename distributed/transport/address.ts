/** Addresses such as `tcp://127.0.0.1:4444`: checks of those that users pass, and conversions. */
import { lazyPackage } from '../../core/base/lazy-package.js'

const net = lazyPackage<typeof import('node:net')>('node:net')
const os = lazyPackage<typeof import('node:os')>('node:os')

const addressForm = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[^:/\s*]+):(\d{1,5})$/

/** Whether a value is the address of a socket to connect to. */
export function isAddress(address: unknown): address is string {
  return typeof address === 'string' && hasValidPort(addressForm.exec(address))
}

function hasValidPort(parts: RegExpExecArray | null): boolean {
  const port = Number(parts?.[2])
  return port >= 1 && port <= 65535
}

/** Throws TypeError unless a value is the address of a socket to connect to. */
export function assertAddress(address: unknown, what: string): asserts address is string {
  if (isAddress(address)) return
  const given = typeof address === 'string' ? `'${address}'` : typeof address
  const hint =
    typeof address === 'string' && addressForm.test(address)
      ? ', whose port is not from 1 to 65535'
      : ''
  throw new TypeError(`${what}: an address looks like 'tcp://127.0.0.1:4444', got ${given}${hint}`)
}

/** Throws RangeError unless a value is a port number, or undefined for a port that the system chooses. */
export function assertPort(port: unknown, what: string): asserts port is number | undefined {
  if (port === undefined) return
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65535) return
  throw new RangeError(`${what}: a port is a whole number from 0 to 65535, got ${String(port)}`)
}

/**
 * Throws unless a value is a host name or IP address to listen on. One that other machines can reach must be allowed, by
 * keys or by `insecure`.
 */
export function assertHostname(
  hostname: unknown,
  isAllowed: boolean,
  what: string,
): asserts hostname is string {
  if (typeof hostname !== 'string' || hostname === '' || /[\s/]/.test(hostname)) {
    throw new TypeError(`${what}: hostname is a name or an IP address, got ${String(hostname)}`)
  }
  if (isAllowed || isLoopback(hostname)) return
  throw new RangeError(
    `${what}: '${hostname}' can be reached from other machines, and anyone who reaches it can run code here; give it keys (skein keys new scheduler), or set insecure: true (--insecure) to allow it`,
  )
}

/** Whether a host name or IP address can be reached from this machine alone. */
function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (bare === 'localhost' || bare === '::1') return true
  return net().isIP(bare) === 4 && bare.startsWith('127.')
}

/** Returns the address to bind a socket to. Without a port, or with port 0, the system chooses one. */
export function bindAddress(hostname: string, port: number | undefined): string {
  const host = net().isIP(hostname) === 6 ? `[${hostname}]` : hostname
  return `tcp://${host === '0.0.0.0' ? '*' : host}:${port === undefined || port === 0 ? '*' : port}`
}

/**
 * Returns the address that others connect to: the host name with the port of the bound address. For 0.0.0.0 and ::, which stand for
 * all addresses of this machine, it is one of them that other machines can reach, if there is one.
 */
export function publicAddress(hostname: string, bound: string): string {
  const port = bound.slice(bound.lastIndexOf(':') + 1)
  const family = { '0.0.0.0': 'IPv4', '::': 'IPv6', '[::]': 'IPv6' }[hostname]
  const host = (family && reachableAddress(family)) ?? hostname.replace(/^\[|\]$/g, '')
  return `tcp://${net().isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

/** Returns an address of this machine, not a loopback or link-local one if there is another. */
function reachableAddress(family: string): string | undefined {
  const all = Object.values(os().networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((found) => found.family === family)
  const others = all.filter(({ internal }) => !internal)
  const isGlobal = ({ address }: { address: string }) => !/^(169\.254\.|fe80:)/i.test(address)
  return (others.find(isGlobal) ?? all.find(({ internal }) => internal))?.address
}

/** Returns `address` with the host of `reached`: a process that reaches one is likely to reach the other. */
export function onHostOf(reached: string, address: string): string {
  return reached.slice(0, reached.lastIndexOf(':')) + address.slice(address.lastIndexOf(':'))
}
