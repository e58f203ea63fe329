/** Lines of text files: encodings, ranges, compression, and writing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { TextFormat } from '../../../../collections/bag/io/text-format.js'
import { readLines } from '../../../../collections/bag/io/text-source.js'
import { writeTextStep } from '../../../../collections/bag/io/text-steps.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-text-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function file(content: string | Buffer, suffix = '.txt'): string {
  const path = join(folder, `${++files}${suffix}`)
  writeFileSync(path, content)
  return path
}

const plain: TextFormat = {
  encoding: 'utf8',
  errors: 'strict',
  keepLineEnds: false,
  includePath: false,
}

function lines(path: string, format: Partial<TextFormat> = {}, borders: number[] = []): string[] {
  const all: string[] = []
  const starts = [0, ...borders]
  starts.forEach((start, i) => {
    const range = {
      path,
      start,
      end: starts[i + 1],
      codec: path.endsWith('.gz') ? ('gzip' as const) : undefined,
    }
    for (const batch of readLines(range, { ...plain, ...format })) all.push(...batch)
  })
  return all
}

describe('the lines of a file', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\n', ['a', '']],
    ['\n', ['']],
    ['a\nb', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['a\rb\n', ['a\rb']],
    ['\ufeffa\nb\n', ['a', 'b']],
    ['\ufeff', []],
    ['ä€\n😀\n', ['ä€', '😀']],
  ])('of %j are %j', (content, expected) => {
    expect(lines(file(content))).toEqual(expected)
    expect(lines(file(gzipSync(content), '.gz'))).toEqual(expected)
  })

  test('keep their ends if asked to, and end at the given delimiter', () => {
    expect(lines(file('a\r\nb\n\nc'), { keepLineEnds: true })).toEqual(['a\r\n', 'b\n', '\n', 'c'])
    expect(lines(file('a||b|c||'), { delimiter: '||' })).toEqual(['a', 'b|c'])
    expect(lines(file('a\r\nb'), { delimiter: '\n' })).toEqual(['a\r', 'b'])
  })

  test('are decoded from other encodings', () => {
    const content = 'ä\n\u0a0a\u0a00x\nend'
    expect(
      lines(file(Buffer.from(`\ufeff${content}`, 'utf16le')), { encoding: 'utf16le' }),
    ).toEqual(content.split('\n'))
    expect(lines(file(Buffer.from('ä\né', 'latin1')), { encoding: 'latin1' })).toEqual(['ä', 'é'])
  })

  test('may be longer than a block', () => {
    const long = 'ä'.repeat(300_000)
    expect(lines(file(`x\n${long}\ny\n${long}`))).toEqual(['x', long, 'y', long])
    expect(lines(file(gzipSync(`x\n${long}\ny\n${long}`), '.gz'))).toEqual(['x', long, 'y', long])
    expect(lines(file(`x||${long}||y||${long}`), { delimiter: '||' })).toEqual([
      'x',
      long,
      'y',
      long,
    ])
  })

  test('are the same wherever the file is cut', () => {
    const line = fc.constantFrom('', 'a', 'bc', 'ä€😀', '\r', 'long '.repeat(5))
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 20 }),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n', '|=', 'ä'),
        fc.array(fc.nat(200), { maxLength: 6 }),
        (parts, ended, delimiter, places) => {
          fc.pre(!parts.some((part) => part.includes(delimiter)))
          const path = file(parts.join(delimiter) + (ended ? delimiter : ''))
          const borders = [...places].sort((a, b) => a - b)
          expect(lines(path, { delimiter }, borders)).toEqual(lines(path, { delimiter }))
        },
      ),
      { numRuns: 300, seed: 3 },
    )
  })

  test('are the same when files of two-byte characters are cut between characters', () => {
    const path = file(Buffer.from('ab\n\u0a0a\nä\u0a00\n\nend\n', 'utf16le'))
    const whole = lines(path, { encoding: 'utf16le' })
    expect(whole).toEqual(['ab', '\u0a0a', 'ä\u0a00', '', 'end'])
    for (let border = 2; border < 26; border += 2) {
      expect(lines(path, { encoding: 'utf16le' }, [border])).toEqual(whole)
    }
  })

  test('of a large file are complete wherever blocks end', () => {
    const expected = Array.from({ length: 50_000 }, (_, i) => `${'é'.repeat(i % 7)}${i}`)
    const path = file(`${expected.join('\n')}\n`)
    expect(lines(path)).toEqual(expected)
    expect(lines(path, {}, [65_536, 65_537, 131_072, 200_001])).toEqual(expected)
  })
})

describe('gzip', () => {
  test('reads files of several members, wherever one ends', () => {
    const expected = Array.from({ length: 40_000 }, (_, i) => `line ${i * 7919}`)
    const text = expected.join('\n')
    for (const at of [1, 10, 16_384, 100_000, text.length - 1]) {
      const members = Buffer.concat([gzipSync(text.slice(0, at)), gzipSync(text.slice(at))])
      expect(lines(file(members, '.gz'))).toEqual(expected)
    }
  })

  test('reads members that end exactly where a piece of the file ends', () => {
    // The length of an uncompressed member can be chosen.
    const overhead = gzipSync(Buffer.alloc(1000, 97), { level: 0 }).length - 1000
    const first = gzipSync(Buffer.alloc(16_384 - overhead, 97), { level: 0 })
    expect(first.length).toBe(16_384)
    const members = Buffer.concat([first, gzipSync('\nb\n')])
    expect(lines(file(members, '.gz'))).toEqual(['a'.repeat(16_384 - overhead), 'b'])
  })

  test('fails on truncated files and on files that are not gzip, and names them', () => {
    const whole = gzipSync('some text\n'.repeat(1000))
    const short = file(whole.subarray(0, whole.length - 20), '.gz')
    expect(() => lines(short)).toThrow(short)
    const other = file('not gzip', '.gz')
    expect(() => lines(other)).toThrow(other)
  })
})

describe('writing a partition', () => {
  test('makes a file with the same lines', () => {
    for (const compressed of [false, true]) {
      const path = join(folder, `out-${compressed}${compressed ? '.gz' : ''}`)
      const items = Array.from({ length: 5000 }, (_, i) => `ü ${i}`)
      expect(
        writeTextStep(
          items,
          { path },
          {
            codec: compressed ? 'gzip' : undefined,
            encoding: 'utf8',
            errors: 'strict',
            lastEndline: true,
          },
        ),
      ).toEqual([path])
      expect(lines(path)).toEqual(items)
    }
  })
  test('leaves no file when it fails', () => {
    const path = join(folder, 'failed.txt')
    const write = () =>
      writeTextStep(
        ['a', 5],
        { path },
        {
          codec: undefined,
          encoding: 'utf8',
          errors: 'strict',
          lastEndline: false,
        },
      )
    expect(write).toThrow('every item must be a string, got 5')
    expect(() => readFileSync(path)).toThrow()
  })
})
