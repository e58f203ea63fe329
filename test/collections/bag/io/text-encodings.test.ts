/** Text in another encoding than the one that is read or written: refused, replaced or left out. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { decodeBytes, InvalidBytes } from '../../../../collections/bag/io/text-encodings.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-encodings-'))
afterAll(() => rmSync(folder, { recursive: true }))
const sync = { get: getSync }

let files = 0
function file(content: Buffer, suffix = '.txt'): string {
  const path = join(folder, `${++files}${suffix}`)
  writeFileSync(path, content)
  return path
}

const latin = Buffer.from('abc\nMüller\nMöller\n', 'latin1')

describe('reading', () => {
  test('bytes that are invalid in the encoding are an error with file, position and advice', async () => {
    const path = file(latin)
    for (const get of [getSync, getThreads]) {
      await expect(db.readText(path).compute({ get })).rejects.toThrow(
        `cannot read '${path}' as utf8: byte 5 (0xfc) is not valid there; give the encoding of the file, such as { encoding: 'latin1' }`,
      )
    }
    const packed = file(gzipSync(latin), '.gz')
    await expect(db.readText(packed).compute(sync)).rejects.toThrow(/decompressed byte 5 \(0xfc\)/)
    await expect(db.readText(path, { encoding: 'ascii' }).compute(sync)).rejects.toThrow(
      /as ascii: byte 5/,
    )
    const later = file(Buffer.concat([Buffer.alloc(200_000, 'a\n'), latin]))
    await expect(db.readText(later, { blocksize: 50_000 }).compute(sync)).rejects.toThrow(
      /byte 200005 /,
    )
  })

  test('they can be replaced or left out', async () => {
    const path = file(latin)
    const read = (options: db.ReadTextOptions) => db.readText(path, options).compute(sync)
    expect(await read({ errors: 'replace' })).toEqual(['abc', 'M\ufffdller', 'M\ufffdller'])
    expect(await read({ errors: 'ignore' })).toEqual(['abc', 'Mller', 'Mller'])
    expect(await read({ encoding: 'ascii', errors: 'replace' })).toEqual([
      'abc',
      'M\ufffdller',
      'M\ufffdller',
    ])
    expect(await read({ encoding: 'ascii', errors: 'ignore' })).toEqual(['abc', 'Mller', 'Mller'])
    expect(await read({ encoding: 'latin1' })).toEqual(['abc', 'Müller', 'Möller'])
    expect(() => db.readText(path, { errors: 'loud' as never })).toThrow(
      /readText: errors must be 'strict', 'replace' or 'ignore', got "loud"/,
    )
  })

  test.each([
    ['UTF-8', Buffer.from('\ufeffé€\n𝄞x\nz', 'utf8')],
    ['UTF-16 LE', Buffer.from('\ufeffé€\n𝄞x\nz', 'utf16le')],
    ['UTF-16 BE', Buffer.from('\ufeffé€\n𝄞x\nz', 'utf16le').swap16()],
  ])('a byte order mark of %s decides and is removed', async (_, content) => {
    const expected = ['é€', '𝄞x', 'z']
    const path = file(content)
    for (const blocksize of [undefined, 1, 2, 3, 5, 1000]) {
      for (const encoding of [undefined, 'utf8', 'utf16le']) {
        expect(await db.readText(path, { blocksize, encoding }).compute(sync)).toEqual(expected)
      }
    }
    expect(await db.readText(file(gzipSync(content), '.gz')).compute(sync)).toEqual(expected)
    const kept = db.readText(path, { keepLineEnds: true })
    expect(await kept.compute({ get: getThreads })).toEqual(['é€\n', '𝄞x\n', 'z'])
  })

  test('invalid UTF-16 is an error', async () => {
    const lone = file(Buffer.from('ab\ud800c\n', 'utf16le'))
    await expect(db.readText(lone, { encoding: 'utf16le' }).compute(sync)).rejects.toThrow(
      /as utf16le: byte 4 \(0xd800\)/,
    )
    const odd = file(Buffer.from('ab\n', 'utf16le').subarray(0, 5))
    await expect(db.readText(odd, { encoding: 'utf16le' }).compute(sync)).rejects.toThrow(
      /half a character at the end/,
    )
    const ignored = db.readText(lone, { encoding: 'utf16le', errors: 'ignore' })
    expect(await ignored.compute(sync)).toEqual(['abc'])
  })

  test('any bytes decode as TextDecoder says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.string(), (bytes, text) => {
        const buffer = Buffer.concat([Buffer.from(text), bytes, Buffer.from(text)])
        const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
        let expected: string | undefined
        try {
          expected = decoder.decode(buffer)
        } catch {
          expected = undefined
        }
        const left = decodeBytes(buffer, 'utf8', 'ignore')
        if (expected === undefined) {
          expect(() => decodeBytes(buffer, 'utf8', 'strict')).toThrow(InvalidBytes)
          expect(left.includes('\ufffd')).toBe(buffer.includes('\ufffd'))
        } else {
          expect(decodeBytes(buffer, 'utf8', 'strict')).toBe(expected)
          expect(left).toBe(expected)
        }
      }),
    )
  })
})

describe('writing', () => {
  test.each([
    ['latin1', 'a€b', '€', 'U\\+20AC', 'a?b', 'ab'],
    ['ascii', 'aéb', 'é', 'U\\+00E9', 'a?b', 'ab'],
    ['latin1', 'a𝄞b', '𝄞', 'U\\+1D11E', 'a?b', 'ab'],
  ])('%s refuses %s', async (encoding, line, character, code, replaced, ignored) => {
    const path = join(folder, `out${++files}.txt`)
    const bag = db.fromSequence(['fine', line])
    const write = (errors?: 'strict' | 'replace' | 'ignore') =>
      bag.repartition({ npartitions: 1 }).toTextfiles(path, { encoding, errors, ...sync })
    await expect(write()).rejects.toThrow(
      new RegExp(
        `toTextfiles: ${encoding} does not have the character "${character}" \\(${code}\\) of the item "${line}"`,
        'u',
      ),
    )
    await write('replace')
    expect(readFileSync(path, 'latin1')).toBe(`fine\n${replaced}\n`)
    await write('ignore')
    expect(readFileSync(path, 'latin1')).toBe(`fine\n${ignored}\n`)
  })

  test('every encoding is read as it was written', async () => {
    const lines = ['aé', 'ÿ', '']
    for (const encoding of ['utf8', 'utf16le', 'utf16be', 'latin1']) {
      const path = join(folder, `round-${encoding}.txt`)
      const bag = db.fromSequence(lines, { npartitions: 1 })
      await bag.toTextfiles(path, { encoding, ...sync })
      expect(await db.readText(path, { encoding }).compute(sync)).toEqual(lines)
    }
    const lone = db.fromSequence(['\ud800'])
    await expect(lone.toTextfiles(join(folder, 'lone.txt'), sync)).rejects.toThrow(
      /utf8 does not have the character "\\ud800"/,
    )
  })
})

describe('packed files', () => {
  const content = 'a\nb\n'

  test('gzip is known by its suffix in any case, and by its first bytes', async () => {
    for (const name of ['UP.GZ', 'x.Gz', 'x.gzip', 'x.log', 'x']) {
      const path = file(gzipSync(content), name)
      expect(await db.readText(path).compute(sync)).toEqual(['a', 'b'])
    }
    const hidden = file(gzipSync(content), '.txt')
    expect(() => db.readText(hidden, { blocksize: 2 })).toThrow(/which is compressed/)
    const paths = db.fromSequence(['a']).toTextfiles(join(folder, 'W*.GZ'), sync)
    expect(gunzipSync(readFileSync((await paths)[0]!)).toString()).toBe('a\n')
  })

  test.each([
    ['.zip', '504b03041400', 'zip'],
    ['', '504b03041400', 'zip'],
    ['.7z', '377abcaf271c', '7-Zip'],
    ['.Z', '1f9d90', 'compress'],
    ['.lz', '4c5a495001', 'lzip'],
    ['.rar', '526172211a0700', 'RAR'],
    ['.tar', '61', 'tar'],
    ['.tar.gz', '1f8b08', 'tar'],
    ['.tgz', '1f8b08', 'tar'],
    ['.txt', 'fffe000061000000', 'UTF-32'],
    ['.txt', '0000feff00000061', 'UTF-32'],
  ])('others are refused: %s with %s', async (suffix, bytes, format) => {
    const path = file(Buffer.from(bytes, 'hex'), suffix)
    expect(() => db.readText(path)).toThrow(
      `readText: cannot read '${path}': it is a ${format} file, which cannot be read; unpack it first`,
    )
    const read = db.readText(path, { compression: null, encoding: 'latin1' })
    expect(await read.count().compute(sync)).toBe(1)
  })

  test.each([
    ['.parquet', '61', 'Parquet', 'which db.readParquet reads'],
    ['', '5041523115', 'Parquet', 'which db.readParquet reads'],
    ['.txt', '4152524f57310000', 'Arrow', 'which db.readArrow reads'],
    ['', '4f626a01', 'Avro', 'which db.readAvro reads'],
    ['', '894844460d0a1a0a', 'HDF5', 'which is not text; read it in functions'],
    ['.dat', '934e554d505901', 'NumPy', 'which is not text; read it in functions'],
    ['.db', '53514c69746520666f726d6174203300', 'SQLite', 'which db.fromSql reads'],
  ])('files that are not text are refused: %s with %s', (suffix, bytes, format, advice) => {
    const path = file(Buffer.from(bytes, 'hex'), suffix)
    expect(() => db.readText(path)).toThrow(
      `readText: cannot read '${path}': it is a ${format} file, ${advice}`,
    )
  })

  test('the names of other formats are refused for writing', () => {
    expect(() => db.fromSequence(['a']).toTextfiles(join(folder, 'x.bz2'))).toThrow(
      /toTextfiles: cannot write '.*x.bz2' as a bzip2 file; only gzip/,
    )
  })

  test('text that begins like a format is text', async () => {
    for (const text of [
      'BZh is a prefix',
      'PK',
      '7z',
      '(',
      'PAR1 and more',
      'ARROW1',
      'Obj',
      'SQLite format 3',
    ]) {
      expect(await db.readText(file(Buffer.from(text))).compute(sync)).toEqual([text])
    }
  })
})
