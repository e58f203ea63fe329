/** Writers of arrays on a disk that is full: a small one, mounted where that is allowed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0

const program = `
  const { da } = await import('skein')
  const { readdirSync, rmSync } = await import('node:fs')
  const folder = process.argv[1]
  const x = da.arange(100_000, { chunks: 25_000 })
  const writers = {
    'x.npy': (path) => x.toNpy(path),
    'x.bin': (path) => da.toBinary(path, x),
    'x.npz': (path) => da.toNpz(path, { x }),
    stack: (path) => da.toNpyStack(path, x),
    zarr: (path) => x.toZarr(path, { compressor: null }),
  }
  for (const [name, write] of Object.entries(writers)) {
    const error = await write(folder + '/' + name).catch((error) => error)
    const files = readdirSync(folder, { recursive: true })
    console.log(JSON.stringify([name, error.message, files.filter((file) => file.includes('.part'))]))
    rmSync(folder + '/' + name, { recursive: true, force: true })
  }`

test.skipIf(!canMount)('the error names the file, and no partial file stays', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-full-'))
  try {
    const mount = `mount -t tmpfs -o size=300k none ${folder} && exec "$@"`
    const args = ['--input-type=module', '-e', program, folder]
    const { stdout, stderr } = spawnSync(
      'unshare',
      ['-rm', 'sh', '-c', mount, 'sh', process.execPath, ...args],
      { encoding: 'utf8' },
    )
    expect(stderr).toBe('')
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(results.map(([name]) => name)).toEqual(['x.npy', 'x.bin', 'x.npz', 'stack', 'zarr'])
    for (const [name, message, partial] of results) {
      expect(message).toMatch(
        new RegExp(`cannot write '${folder}/${name}(/c?/?\\d(\\.npy)?)?': ENOSPC`),
      )
      expect(partial).toEqual([])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
