/** The memory that this process may use, and sizes in bytes as people read them. */
import { totalmem } from 'node:os'

/** Returns the memory of the machine in bytes, or of the container if it may use less. */
export function availableMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** Formats a number of bytes in decimal units with three digits: `80 GB`, `1.05 MB`. */
export function formatByteSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`
}
