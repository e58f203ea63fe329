/**
 * The names of a worker, and those of its host. A host's name matches another one with a domain if one of the two is short: `node7`
 * matches `node7.cluster.local`, but `node7.a` does not match `node7.b`. Case does not matter in names of hosts.
 */

export class WorkerNames {
  /** The worker's own names: its name and its address. */
  readonly own: readonly string[]
  /** The full names of its host. */
  private readonly hosts = new Set<string>()
  /** Those that have no domain. */
  private readonly short = new Set<string>()
  /** All without their domains. */
  private readonly shortened = new Set<string>()

  constructor(own: readonly string[], hosts: readonly string[] = []) {
    this.own = own
    for (const host of hosts) {
      const name = host.toLowerCase()
      this.hosts.add(name)
      if (isAddress(name)) continue
      this.shortened.add(withoutDomain(name))
      if (!name.includes('.')) this.short.add(name)
    }
  }

  /** Whether a name is one of the worker or of its host. */
  match(name: string): boolean {
    if (this.own.includes(name)) return true
    const host = name.toLowerCase()
    if (this.hosts.has(host)) return true
    if (isAddress(host)) return false
    return host.includes('.') ? this.short.has(withoutDomain(host)) : this.shortened.has(host)
  }
}

/** Returns the host in an address such as `tcp://10.0.0.1:4444`. */
export function hostInAddress(address: string): string {
  return address
    .replace(/^\w+:\/\//, '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
}

/** Whether the name of a host is an IP address. */
function isAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host)
}

function withoutDomain(host: string): string {
  const dot = host.indexOf('.')
  return dot < 0 ? host : host.slice(0, dot)
}
