/**
 * Addresses such as `tcp://127.0.0.1:4444`: checked where a user gives them.
 */
import { isIP } from 'node:net'

/** Whether a value is the address of a socket to connect to. */
export function isAddress(address: unknown): address is string {
  return (
    typeof address === 'string' &&
    /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[^:/\s*]+):\d{1,5}$/.test(address) &&
    Number(address.slice(address.lastIndexOf(':') + 1)) <= 65535
  )
}

/** Fails unless the text is the address of a socket to connect to. */
export function assertAddress(address: unknown, what: string): asserts address is string {
  if (isAddress(address)) return
  throw new TypeError(
    `${what}: an address looks like 'tcp://127.0.0.1:4444', got ${typeof address === 'string' ? `'${address}'` : typeof address}`,
  )
}

/** Fails unless the value is a port number, or undefined for one of the system's choice. */
export function assertPort(port: unknown, what: string): asserts port is number | undefined {
  if (port === undefined) return
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65535) return
  throw new RangeError(`${what}: a port is a whole number from 0 to 65535, got ${String(port)}`)
}

/** Fails unless the value is a name or an IP address to listen on that only this machine reaches, or the user insists. */
export function assertHostname(
  hostname: unknown,
  insecure: boolean,
  what: string,
): asserts hostname is string {
  if (typeof hostname !== 'string' || hostname === '' || /[\s/]/.test(hostname)) {
    throw new TypeError(`${what}: hostname is a name or an IP address, got ${String(hostname)}`)
  }
  if (insecure || isLoopback(hostname)) return
  throw new RangeError(
    `${what}: '${hostname}' can be reached from other machines, and whoever reaches it can run code here; say insecure: true (--insecure) to allow it`,
  )
}

/** Whether only this machine can reach it. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (bare === 'localhost' || bare === '::1') return true
  return isIP(bare) === 4 && bare.startsWith('127.')
}

/** What to give a socket to listen on; port 0 is one of the system's choice. */
export function bindAddress(hostname: string, port: number | undefined): string {
  const host = isIP(hostname) === 6 ? `[${hostname}]` : hostname
  return `tcp://${host === '0.0.0.0' ? '*' : host}:${port === undefined || port === 0 ? '*' : port}`
}

/** The address that others connect to, once the system has told the port. */
export function publicAddress(hostname: string, bound: string): string {
  const port = bound.slice(bound.lastIndexOf(':') + 1)
  return `tcp://${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`
}

/** An address with the host of another: how a process that reaches the one is likely to reach the other. */
export function onHostOf(reached: string, address: string): string {
  return reached.slice(0, reached.lastIndexOf(':')) + address.slice(address.lastIndexOf(':'))
}
