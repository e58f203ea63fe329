/** What `explain` tells of arrays and bags. */
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import * as db from '../../../collections/bag/index.js'
import { get } from './array-support.js'

const operations = (explained: da.Explanation) => explained.layers.map((layer) => layer.operation)

describe('explain', () => {
  test('lists the operations that are fused to one task, with their lines', () => {
    const x = da.arange(100, { chunks: 10 })
    const { layers, tasks } = x.add(1).sqrt().explain()
    expect(layers.length).toBe(1)
    expect(tasks).toBe(10)
    const [layer] = layers
    expect(layer!.operation).toBe('arange → add → sqrt')
    expect(layer!.steps.map(({ kernel }) => kernel)).toEqual([
      'arangeStep',
      'elementwise',
      'elementwise',
    ])
    expect(layer!.steps[1]!.location).toMatch(/explain\.test\.ts:\d+:\d+$/)
    expect(layer).toMatchObject({ numblocks: [10], dtype: 'float64', blockShape: [10], reads: [] })
    expect(layer).toMatchObject({ blockBytes: 80, bytes: 800, stage: undefined })
  })

  test('has the stages of a rechunk, with the blocks in between', () => {
    const x = da.random.random([10_000, 10_000], { chunks: { 0: 100 } })
    const { layers } = x.rechunk({ 0: -1, 1: 100 }).explain()
    expect(layers.map(({ stage }) => stage)).toEqual([
      undefined,
      { number: 1, of: 2 },
      { number: 2, of: 2 },
    ])
    expect(layers.map(({ blockShape }) => blockShape)).toEqual([
      [100, 10_000],
      [1000, 1000],
      [10_000, 100],
    ])
    expect(layers[2]!.reads).toEqual([layers[1]!.name])
    const direct = x.rechunk({ 0: -1, 1: 100 }, { threshold: Number.POSITIVE_INFINITY }).explain()
    expect(direct.layers.map(({ stage }) => stage)).toEqual([undefined, undefined])
  })

  test('estimates the most bytes that are in memory at once', () => {
    const x = da.random.random([64, 1000], { chunks: [1, 1000] })
    // All blocks are part of the result.
    expect(x.explain().peakBytes).toBe(64 * 8000)
    // A task adds up eight blocks.
    const { peakBytes } = x.sum().explain()
    expect(peakBytes).toBeLessThan(9 * 8000)
    // Columns need all rows.
    const columns = x.rechunk([-1, 500]).sum().explain()
    expect(columns.peakBytes).toBeGreaterThanOrEqual(64 * 8000)
    expect(columns.peakBytes).toBeLessThanOrEqual(2 * 64 * 8000)
  })

  test('counts the blocks of different sizes, and data', async () => {
    const x = da.fromArray([1, 2, 3], { chunks: 2, dtype: 'int16' })
    expect(x.explain().layers[0]).toMatchObject({ operation: 'data', blockBytes: 4, bytes: 6 })
    const kept = await x.add(1).persist({ get })
    expect(kept.explain().layers[0]).toMatchObject({ operation: 'data', bytes: 6 })
    expect(operations(kept.at('1:').explain())).toEqual(['data', 'at'])
  })

  test('leaves out what is not known', () => {
    const x = da.arange(100, { chunks: 10 })
    const { layers, peakBytes } = x.at(x.gt(5)).explain()
    expect(layers.at(-1)!.bytes).toBeUndefined()
    expect(peakBytes).toBeUndefined()
    const bag = db.range(10, { npartitions: 2 }).map((n) => n * 2)
    expect(bag.explain().layers[0]).toMatchObject({ operation: 'range → map', bytes: undefined })
    expect(() => x.explain(...([1] as unknown as []))).toThrow(/explain/)
  })

  test('prints a table', () => {
    const x = da.random.random([100, 100], { chunks: [50, 100] }).mul(2)
    const text = inspect(x.explain())
    expect(text.split('\n')).toEqual([
      'tasks  blocks  block                 operation',
      '    2  2×1     float64 50×100 40 kB  random.random → multiply',
      '2 tasks; about 80 kB in memory at most, on one thread',
    ])
    expect(String(x.explain())).toBe(text)
  })
})
