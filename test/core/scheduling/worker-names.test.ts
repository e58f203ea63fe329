import { expect, test } from 'vitest'
import { hostInAddress, WorkerNames } from '../../../core/scheduling/tables/worker-names.js'

test.each([
  ['big-1', true],
  ['big', false],
  ['tcp://10.0.0.7:4711', true],
  ['10.0.0.7', true],
  ['10.0.0', false],
  ['10', false],
  ['node7.cluster.local', true],
  ['NODE7.Cluster.local', true],
  ['node7', true],
  ['node7.other.local', false],
  ['gpu', true],
  ['gpu.rack-3', true],
  ['', false],
])('%s', (name, matches) => {
  const names = new WorkerNames(
    ['big-1', 'tcp://10.0.0.7:4711'],
    ['node7.cluster.local', '10.0.0.7', 'gpu'],
  )
  expect(names.match(name)).toBe(matches)
})

test('the name of a worker is none of a host', () => {
  expect(new WorkerNames(['a.b']).match('a')).toBe(false)
  expect(new WorkerNames(['Big']).match('big')).toBe(false)
})

test('hosts are found in addresses', () => {
  expect(hostInAddress('tcp://10.0.0.7:4711')).toBe('10.0.0.7')
  expect(hostInAddress('tcp://[::1]:4711')).toBe('::1')
  expect(hostInAddress('tcp://node7.cluster.local:4711')).toBe('node7.cluster.local')
})
