/** Short strings that were made of bytes lately: fields of records often repeat, and a new string costs more than a look. */

const CACHE_SIZE = 4096
const MOST_CACHED = 24

/** Makes strings of bytes. */
export class CachedStrings {
  private readonly strings = new Array<string>(CACHE_SIZE).fill('')

  /**
   * Returns the string of some bytes, which must be ASCII.
   *
   * @param hash A number that is equal for equal bytes.
   */
  get(bytes: Buffer, start: number, end: number, hash: number): string {
    const length = end - start
    if (length > MOST_CACHED) return bytes.toString('latin1', start, end)
    const slot = (hash ^ (hash >>> 12)) & (CACHE_SIZE - 1)
    const found = this.strings[slot]!
    if (found.length === length) {
      let i = 0
      while (i < length && found.charCodeAt(i) === bytes[start + i]) i++
      if (i === length) return found
    }
    const string = bytes.toString('latin1', start, end)
    this.strings[slot] = string
    return string
  }
}
