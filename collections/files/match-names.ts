/** Matches names in stores with glob patterns. */

/** Whether an address has characters of patterns. A `?` alone does not count: it begins the query of a URL. */
export function isPattern(address: string): boolean {
  return /[*{[]/.test(address)
}

/** Returns the part of a pattern before its first special character, up to a slash. */
export function fixedPart(pattern: string): string {
  const at = pattern.search(/[*?{[]/)
  return at < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf('/', at) + 1)
}

/**
 * Returns the regular expression of a pattern: `*` and `?` match within one part of a path, `**` any parts,
 * `[ab]` one of some characters, `{a,b}` one of several names.
 */
export function patternExpression(pattern: string): RegExp {
  let source = ''
  let depth = 0
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!
    if (character === '*' && pattern[i + 1] === '*') {
      const wholeParts = pattern[i + 2] === '/' && (i === 0 || pattern[i - 1] === '/')
      source += wholeParts ? '(?:[^/]*/)*' : '.*'
      i += wholeParts ? 2 : 1
    } else if (character === '*') source += '[^/]*'
    else if (character === '?') source += '[^/]'
    else if (character === '[' && pattern.indexOf(']', i + 2) > 0) {
      const end = pattern.indexOf(']', i + 2)
      const set = pattern
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')
      source += `[${set}]`
      i = end
    } else if (character === '{') {
      source += '(?:'
      depth++
    } else if (character === '}' && depth > 0) {
      source += ')'
      depth--
    } else if (character === ',' && depth > 0) source += '|'
    else source += character.replace(/[\\^$.|+()[\]{}]/, '\\$&')
  }
  return new RegExp(`^${source}${')'.repeat(depth)}$`, 's')
}
