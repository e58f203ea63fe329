/** The names of a worker's host. */
import { hostInAddress } from '../../core/scheduling/tables/worker-names.js'

/** Returns the names of a worker's host: that of its machine, its aliases, and the one in its address. */
export function hostsOf({
  hostname,
  hostAliases,
  address,
}: {
  readonly hostname: string
  readonly hostAliases?: readonly string[]
  readonly address: string
}): string[] {
  // Another process may have sent anything.
  const aliases = Array.isArray(hostAliases) ? hostAliases.map(String) : []
  return [hostname, hostInAddress(address), ...aliases]
}
