import config from './vitest.config.js'

export default {
  ...config,
  test: { ...config.test, include: ['test/faults/*.test.ts'], exclude: ['node_modules/**'] },
}
