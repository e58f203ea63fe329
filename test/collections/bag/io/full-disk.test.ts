/** `toTextfiles` on a disk that is full: a small one, mounted where that is allowed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0

test.skipIf(!canMount).each(['*.txt', '*.gz'])(
  'a full disk is an error that names the file, and no partial file stays: %s',
  (pattern) => {
    const folder = mkdtempSync(join(tmpdir(), 'skein-full-'))
    try {
      const program = `
        const { db } = await import('skein')
        const { readdirSync } = await import('node:fs')
        const noise = (n) => Array.from({ length: 60_000 }, (_, i) => (i * 7919 * (n + 1)) % 1e6).join()
        const bag = db.range(4, { npartitions: 1 }).map(noise)
        const error = await bag.toTextfiles(process.argv[1] + '/${pattern}').catch((error) => error)
        console.log(JSON.stringify([error.message, error.cause.cause.code, readdirSync(process.argv[1])]))`
      const mount = `mount -t tmpfs -o size=100k none ${folder} && exec "$@"`
      const args = ['--input-type=module', '-e', program, folder]
      const { stdout, stderr } = spawnSync(
        'unshare',
        ['-rm', 'sh', '-c', mount, 'sh', process.execPath, ...args],
        { encoding: 'utf8' },
      )
      expect(stderr).toBe('')
      const [message, code, files] = JSON.parse(stdout)
      expect(message).toContain(`toTextfiles: cannot write '${folder}/${pattern.replace('*', '0')}`)
      expect([code, files]).toEqual(['ENOSPC', []])
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
