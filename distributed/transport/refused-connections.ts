/** The log of connections that a socket refuses. */
import { FaultLog } from '../base/fault-log.js'

/** Makes the log of the connections that are refused at an address, where keys may be needed. */
export function refusedConnectionsLog(
  who: string,
  address: () => string,
  needsKeys: boolean,
): FaultLog {
  const withoutKeys = needsKeys
    ? 'a process of Skein without keys, or with another key of the scheduler, '
    : ''
  return new FaultLog(who, (count) => {
    const what = count === 1 ? 'a connection' : `${count} connections`
    const at = address().replace(/\[::ffff:([\d.]+)\]/, '$1')
    return `refused ${what} to ${at}: ${withoutKeys}a web page, a port scanner, or another program that does not speak ZeroMQ's protocol ZMTP 3; others are logged at most once a minute`
  })
}
