import { tableFromArrays } from 'apache-arrow'
import { beforeEach, describe, expect, test } from 'vitest'
import { CycleError, GraphError, MissingKeyError, TaskError } from '../../../core/base/errors.js'
import { literal, ref } from '../../../core/graph/literal.js'
import { getSync } from '../../../core/run/get-sync.js'

const add = (a: number, b: number) => a + b
const inc = (a: number) => a + 1
const sum = (list: number[]) => list.reduce((a, b) => a + b, 0)

test('a key returns its value, lists of keys return lists of the same shape', () => {
  const graph = { x: 1, y: [add, 'x', 2] }
  expect(getSync(graph, 'y')).toBe(3)
  expect(getSync(graph, ['y', ['x', 'y']])).toEqual([3, [1, 3]])
  expect(getSync(graph, [])).toEqual([])
})

test('a Map is a graph too', () => {
  const graph = new Map<string, unknown>([
    ['x', 1],
    ['y', [add, 'x', 2]],
  ])
  expect(getSync(graph, ['y'])).toEqual([3])
})

describe('a graph literal', () => {
  test.each<[string, Record<string, unknown>, unknown]>([
    ['a task without arguments', { y: [() => 7] }, 7],
    ['the name of another key is that key', { x: 1, y: 'x' }, 1],
    ['a string that is not a key is a string', { y: 'x' }, 'x'],
    ['a string argument that is not a key is a string', { y: [(s: string) => s.length, 'abc'] }, 3],
    ['a list of keys in a task', { a: 1, b: 2, y: [sum, ['a', 'b']] }, 3],
    ['a list of keys and values in a task', { a: 1, y: [sum, ['a', 10, [inc, 'a']]] }, 13],
    ['a nested task', { x: 1, y: [add, [inc, 'x'], [add, 'x', [inc, 5]]] }, 9],
    ['a list outside of a task', { a: 1, y: ['a', [inc, 'a'], 3] }, [1, 2, 3]],
    ['a list of data', { y: [1, 2, 'three'] }, [1, 2, 'three']],
    ['an object is data, with its strings', { a: 1, y: { a: 'a' } }, { a: 'a' }],
    ['an object as an argument is data', { a: 1, y: [(o: object) => o, { a: 'a' }] }, { a: 'a' }],
    [
      'undefined, null and booleans',
      { y: [(...all: unknown[]) => all, undefined, null, true] },
      [undefined, null, true],
    ],
    ['ref refers to a key', { x: 1, y: [inc, ref('x')] }, 2],
    ['ref alone is an alias', { x: 1, y: ref('x') }, 1],
    ['literal keeps a string that is a key', { x: 1, y: [(s: string) => s, literal('x')] }, 'x'],
    ['literal keeps a list that looks like a task', { y: literal([inc, 1]) }, [inc, 1]],
    [
      'a function as an argument',
      { x: 1, y: [(f: (n: number) => number, n: number) => f(n), inc, 'x'] },
      2,
    ],
    [
      'names of inherited properties are keys only if the graph has them',
      { y: [(s: string) => s, 'toString'] },
      'toString',
    ],
    ['a key called __proto__', { ['__proto__']: 5, y: [inc, '__proto__'] }, 6],
    ['the same key twice', { x: 2, y: [add, 'x', 'x'] }, 4],
  ])('%s', (_, graph, expected) => {
    expect(getSync(graph, 'y')).toEqual(expected)
  })

  test('tasks with different functions and lists of different lengths have different recipes', () => {
    const graph: Record<string, unknown> = { a: 1, b: 2, c: 3 }
    graph.two = [sum, ['a', 'b']]
    graph.three = [sum, ['a', 'b', 'c']]
    graph.mixed = [sum, ['a', 5, 'c']]
    graph.inc = [inc, 'a']
    graph.neg = [(n: number) => -n, 'a']
    graph.late = [add, 'a', 5]
    graph.early = [add, 5, 'b']
    expect(getSync(graph, ['two', 'three', 'mixed', 'inc', 'neg', 'late', 'early'])).toEqual([
      3, 6, 9, 2, -1, 6, 7,
    ])
  })
})

/** Counts in a global variable how often tasks run: they run with copies of the variables they capture. */
const count = () => {
  const counts = globalThis as { ran?: number }
  counts.ran = (counts.ran ?? 0) + 1
  return counts.ran
}

const ran = () => (globalThis as { ran?: number }).ran

beforeEach(() => {
  delete (globalThis as { ran?: number }).ran
})

test('tasks that the request does not need are not run', () => {
  getSync({ a: [count], b: [count], c: [inc, 'a'] }, 'c')
  expect(ran()).toBe(1)
})

test('a task runs once whatever the number of its dependents', () => {
  const graph = { a: [count], b: [inc, 'a'], c: [add, 'a', 'b'] }
  expect(getSync(graph, ['c', 'a', 'b'])).toEqual([3, 1, 2])
  expect(ran()).toBe(1)
})

test('chains of 100,000 tasks and of 100,000 aliases do not overflow', () => {
  const graph: Record<string, unknown> = { x0: 0, a0: 'x0' }
  for (let i = 0; i < 100_000; i++) {
    graph[`x${i + 1}`] = [inc, `x${i}`]
    graph[`a${i + 1}`] = `a${i}`
  }
  expect(getSync(graph, ['x100000', 'a100000'])).toEqual([100_000, 0])
})

test('a result is released when its last dependent has run', () => {
  // 500 results of 4 MB: 2 GB if all were kept.
  const graph: Record<string, unknown> = { x0: [() => new Float64Array(5e5)] }
  const copy = (data: Float64Array) => data.map((v) => v + 1)
  for (let i = 0; i < 500; i++) graph[`x${i + 1}`] = [copy, `x${i}`]
  graph.end = [(data: Float64Array) => [data[0], process.memoryUsage().arrayBuffers], 'x500']
  const [value, peak] = getSync(graph, 'end') as number[]
  expect(value).toBe(500)
  expect(peak).toBeLessThan(1e9)
})

describe('mistakes', () => {
  test('a cycle names its keys', () => {
    expect(() => getSync({ a: [inc, 'b'], b: [inc, 'c'], c: [inc, 'b'] }, 'a')).toThrow(
      new CycleError(['b', 'c', 'b']),
    )
    expect(() => getSync({ a: 'a' }, 'a')).toThrow("'a' -> 'a'")
  })

  test('a missing key is named, whether it was requested or referred to', () => {
    expect(() => getSync({ x: 1 }, 'y')).toThrow(MissingKeyError)
    expect(() => getSync({ x: 1 }, ['x', ['y']])).toThrow(/'y'.*the graph has 'x'/)
    expect(() => getSync({}, 'y')).toThrow(/the graph is empty/)
    expect(() => getSync({ x: [inc, ref('y')] }, 'x')).toThrow(/'y'.*'x' refers to it/)
  })

  test('a function that uses `this` is rejected, since tasks provide none', () => {
    const shop = {
      rate: 2,
      price(x: number) {
        return x * this.rate
      },
    }
    const refused = /y -> price.*`this\.rate`.*object\.price\(x\)/
    expect(() => getSync({ x: 3, y: [shop.price, 'x'] }, 'y')).toThrow(refused)
    expect(() => getSync({ x: 3, y: [inc, [shop.price, 'x']] }, 'y')).toThrow(refused)
    expect(getSync({ x: 3, y: [shop.price.bind(shop), 'x'] }, 'y')).toBe(6)
  })

  test.each([[3], [null], [undefined], [{ x: 1 }], [['x', 3]]])('keys %j are rejected', (keys) => {
    expect(() => getSync({ x: 1 }, keys as never)).toThrow(GraphError)
  })

  test.each([[3], [null], ['x'], [[1, 2]], [undefined]])('graph %j is rejected', (graph) => {
    expect(() => getSync(graph as never, 'x')).toThrow(
      /getSync: the graph must be an object or a Map/,
    )
  })

  test('the thrown value is the cause of a TaskError that names the key', () => {
    const cause = new RangeError('too big')
    const fails = () => {
      throw cause
    }
    const error = catchError(() => getSync({ x: 1, y: [inc, [fails, 'x']] }, 'y'))
    expect(error).toBeInstanceOf(TaskError)
    expect(error).toMatchObject({ key: 'y', cause, operation: 'fails', step: 0 })
    expect((error as TaskError).message).toBe("Task 'y' failed in fails: RangeError: too big")
  })

  test('a promise is an error that says what to use, and its rejection does not end the process', () => {
    const error = catchError(() =>
      getSync({ y: [async () => Promise.reject(new Error('no'))] }, 'y'),
    )
    expect(error).toBeInstanceOf(TaskError)
    expect((error as TaskError).message).toMatch(/compute\(\)/)
  })

  test('tasks that are nested too deeply are rejected', () => {
    let task: unknown[] = [inc, 1]
    for (let i = 0; i < 2000; i++) task = [inc, task]
    expect(() => getSync({ y: task }, 'y')).toThrow(/nested more than 1000 levels/)
  })
})

function catchError(body: () => unknown): unknown {
  try {
    body()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

test('the message shows the fields of a thrown object that has no description', () => {
  const thrown = (value: unknown) => () => {
    throw value
  }
  const message = (value: unknown) => {
    try {
      getSync({ x: [thrown(value)] }, 'x')
    } catch (error) {
      return (error as Error).message
    }
    return 'nothing'
  }
  expect(message({ code: 5, at: { row: 2 } })).toContain(': { code: 5, at: { row: 2 } }')
  expect(message(Object.create(null))).toContain(': [Object: null prototype] {}')
  expect(message('a string')).toMatch(/: a string$/)
  expect(message(undefined)).toMatch(/: undefined$/)
})

test('values of packages that the thread did not load for them are decoded', () => {
  const table = tableFromArrays({ a: [1, 2] })
  expect(getSync({ n: [(t: typeof table) => t.numRows, literal(table)] }, 'n')).toBe(2)
  expect(getSync({ n: [() => table.numRows] }, 'n')).toBe(2)
})
