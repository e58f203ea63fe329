import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^skein\/core$/, replacement: at('./core/index.ts') },
      { find: /^skein\/bag$/, replacement: at('./collections/bag/index.ts') },
      { find: /^skein\/array$/, replacement: at('./collections/array/index.ts') },
      { find: /^skein\/distributed$/, replacement: at('./distributed/index.ts') },
      { find: /^skein$/, replacement: at('./index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Fault injection takes longer and has a command of its own: `npm run test:faults`.
    exclude: [
      ...['test/fixtures/**', 'test/faults/**', 'node_modules/**'],
      // The demo and the notebooks, too: `npm run test:programs`.
      ...(process.env.SKEIN_TEST_PROGRAMS === undefined ? ['test/package/programs.test.ts'] : []),
    ],
    globalSetup: ['test/package/install-folder.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Only a test that hangs takes this long: no test fails because the machine is slow.
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
  },
})
