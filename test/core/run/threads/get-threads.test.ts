import { afterAll, describe, expect, test } from 'vitest'
import {
  CancelledError,
  CycleError,
  MissingKeyError,
  NotPortableError,
  TaskError,
} from '../../../../core/base/errors.js'
import { ref } from '../../../../core/graph/literal.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { closeThreads, getThreads } from '../../../../core/run/threads/get-threads.js'

afterAll(closeThreads)

const add = (a: number, b: number) => a + b
const inc = (a: number) => a + 1

test('a key returns its value, lists of keys return lists of the same shape', async () => {
  const graph = { x: 1, y: [add, 'x', 2] }
  expect(await getThreads(graph, 'y')).toBe(3)
  expect(await getThreads(graph, ['y', ['x', 'y']])).toEqual([3, [1, 3]])
  expect(await getThreads(graph, [])).toEqual([])
})

test('closures are sent with numbers, objects and other functions that they capture', async () => {
  const limits = { low: 2, high: { value: 10 } }
  const factor = 3
  const scale = (n: number) => n * factor
  const clip = (n: number) => Math.min(limits.high.value, Math.max(limits.low, scale(n)))
  const graph: Record<string, unknown> = {}
  for (let i = 0; i < 6; i++) graph[`x${i}`] = [clip, i]
  const keys = Object.keys(graph)
  expect(await getThreads(graph, keys)).toEqual([2, 3, 6, 9, 10, 10])
  expect(await getThreads(graph, keys)).toEqual(getSync(graph, keys))
})

test('tasks may be asynchronous', async () => {
  const later = async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return n + 1
  }
  expect(await getThreads({ x: 1, y: [later, 'x'], z: [inc, [later, 'y']] }, ['y', 'z'])).toEqual([
    2, 4,
  ])
})

test('typed arrays, maps and dates pass through tasks unchanged', async () => {
  const graph = {
    data: new Float64Array([1, 2, NaN, -0]),
    map: new Map([['a', new Date(5)]]),
    both: [(data: Float64Array, map: Map<string, Date>) => ({ data, map }), 'data', 'map'],
  }
  expect(await getThreads(graph, 'both')).toEqual({ data: graph.data, map: graph.map })
})

test('no task can change the input of another', async () => {
  const spoil = (list: number[]) => {
    list.push(99)
    return list.length
  }
  const graph = { list: [() => [1, 2, 3]], a: [spoil, 'list'], b: [spoil, 'list'] }
  expect(await getThreads(graph, ['a', 'b', 'list'])).toEqual([4, 4, [1, 2, 3]])
})

test('many graphs run concurrently', async () => {
  const runs = Array.from({ length: 50 }, (_, i) => getThreads({ x: i, y: [add, 'x', 1] }, 'y'))
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
})

test('20,000 tasks in a tree', async () => {
  const graph: Record<string, unknown> = {}
  let level = Array.from({ length: 10_000 }, (_, i) => {
    graph[`a${i}`] = [inc, i]
    return `a${i}`
  })
  while (level.length > 1) {
    const next: string[] = []
    for (let i = 0; i < level.length; i += 2) {
      const key = `n${Object.keys(next).length}-${level.length}`
      graph[key] = level[i + 1] === undefined ? [inc, level[i]] : [add, level[i], level[i + 1]]
      next.push(key)
    }
    level = next
  }
  expect(await getThreads(graph, level[0]!)).toBe(getSync(graph, level[0]!))
})

test('progress is reported at the end at the latest', async () => {
  const seen: [number, number][] = []
  await getThreads({ x: 1, y: [inc, 'x'] }, 'y', {
    onProgress: ({ done, total }) => seen.push([done, total]),
  })
  expect(seen.at(-1)).toEqual([2, 2])
})

describe('failures', () => {
  test('the thrown value is the cause of a TaskError with its key, as in getSync', async () => {
    const fails = (n: number) => {
      throw new RangeError(`bad ${n}`)
    }
    const graph = { x: 7, y: [inc, [fails, 'x']] }
    const inThread = await getThreads(graph, 'y').catch((error: unknown) => error as TaskError)
    expect(inThread).toBeInstanceOf(TaskError)
    expect(inThread).toMatchObject({ key: 'y', step: 0, operation: 'fails' })
    const { cause } = inThread as TaskError
    expect(cause).toBeInstanceOf(RangeError)
    expect(cause).toMatchObject({ message: 'bad 7' })
    const local = (() => {
      try {
        return getSync(graph, 'y')
      } catch (error) {
        return error as TaskError
      }
    })()
    expect((local as TaskError).message).toBe((inThread as TaskError).message)
  })

  test.each([['a string'], [undefined], [null], [42], [{ code: 5 }]])(
    'a thrown %j is the cause',
    async (thrown) => {
      const fails = (value: unknown) => {
        throw value
      }
      const error = await getThreads({ y: [fails, thrown] }, 'y').catch(
        (e: unknown) => e as TaskError,
      )
      expect((error as TaskError).cause).toEqual(thrown)
    },
  )

  test('an error that cannot be sent is replaced by a copy with the properties that can', async () => {
    const boom = () => {
      const cause = Object.assign(new TypeError('inner'), { socket: new WeakMap(), code: 7 })
      throw Object.assign(new RangeError('boom', { cause }), { port: new WeakMap(), code: 'E1' })
    }
    const failure = await getThreads({ x: [boom] }, 'x').catch((error: unknown) => error)
    const copy = (failure as TaskError).cause as RangeError & Record<string, unknown>
    expect(copy).toBeInstanceOf(RangeError)
    expect([copy.message, copy.code]).toEqual(['boom', 'E1'])
    expect(copy.port).toMatch(/^\[left out: it is a WeakMap/)
    expect(copy.stack).toMatch(/boom/)
    expect(copy.cause).toBeInstanceOf(TypeError)
    expect(copy.cause).toMatchObject({ message: 'inner', code: 7 })
  })

  test('a thrown value that is not an error is shown', async () => {
    const thrower = () => {
      throw { w: new WeakMap() }
    }
    await expect(getThreads({ x: [thrower] }, 'x')).rejects.toThrow(/A task threw \{ w: WeakMap/)
  })

  test('a result that cannot be sent fails with a NotPortableError with its path as cause', async () => {
    const make = () => ({ list: [1, { socket: new WeakMap() }] })
    const failure = await getThreads({ x: [make] }, 'x').catch((error: unknown) => error)
    const { cause } = failure as TaskError
    expect(cause).toBeInstanceOf(NotPortableError)
    expect((cause as NotPortableError).path).toEqual(['result', 'list', '1', 'socket'])
  })

  test('the message for a result that cannot be sent names the path', async () => {
    const make = () => ({ list: [1, new WeakMap()] })
    const error = await getThreads({ y: [make] }, 'y').catch((e: unknown) => e as TaskError)
    expect(error).toBeInstanceOf(TaskError)
    expect(String((error as TaskError).message)).toMatch(/list -> 1/)
  })

  test('graphs and functions that cannot run are rejected', async () => {
    await expect(getThreads({ a: [inc, 'b'], b: [inc, 'a'] }, 'a')).rejects.toThrow(CycleError)
    await expect(getThreads({ a: [inc, ref('q')] }, 'a')).rejects.toThrow(MissingKeyError)
    const socket = new WeakMap()
    const uses = () => socket.has({})
    await expect(getThreads({ a: [uses] }, 'a')).rejects.toThrow(NotPortableError)
    await expect(getThreads({ a: [uses] }, 'a')).rejects.toThrow(/uses -> socket/)
  })

  test('a failure does not affect other computations', async () => {
    const fails = () => {
      throw new Error('no')
    }
    const bad = getThreads({ a: [fails], b: [inc, 'a'] }, 'b')
    const good = getThreads({ a: [() => 1], b: [inc, 'a'] }, 'b')
    await expect(bad).rejects.toThrow(TaskError)
    expect(await good).toBe(2)
  })

  test('a task that ends its thread is retried on others and then fails', async () => {
    const leave = () => process.exit(3)
    const error = await getThreads({ a: [leave], b: [inc, 'a'] }, 'b').catch(
      (e: unknown) => e as TaskError,
    )
    expect(error).toBeInstanceOf(TaskError)
    expect(error).toMatchObject({ key: 'a' })
    expect(await getThreads({ a: [() => 1] }, 'a')).toBe(1)
  })
})

describe('aborting', () => {
  test('an aborted signal rejects the promise, with its reason as the cause', async () => {
    const controller = new AbortController()
    const slow = () => new Promise((resolve) => setTimeout(resolve, 100))
    const running = getThreads({ a: [slow] }, 'a', { signal: controller.signal })
    controller.abort('enough')
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED', cause: 'enough' })
    expect(await getThreads({ a: [() => 1] }, 'a')).toBe(1)
  })

  test('a signal that is already aborted is rejected', async () => {
    await expect(getThreads({ a: 1 }, 'a', { signal: AbortSignal.abort() })).rejects.toThrow(
      CancelledError,
    )
  })
})

describe('cancelled tasks', () => {
  test.each<[string, () => unknown]>([
    [
      'loops for ever',
      () => {
        for (;;);
      },
    ],
    ['never settles', () => new Promise(() => {})],
  ])('a task that %s does not block the threads after it is aborted', async (_, fn) => {
    const signal = AbortSignal.timeout(50)
    await expect(getThreads({ a: [fn] }, 'a', { signal })).rejects.toThrow(CancelledError)
    const others = Array.from({ length: 4 }, (_, i) => getThreads({ a: [inc, i] }, 'a'))
    expect(await Promise.all(others)).toEqual([1, 2, 3, 4])
  })

  test('results that arrive after a failure are dropped', async () => {
    const work = (n: number) => {
      const until = performance.now() + 5
      while (performance.now() < until);
      if (n === 3) throw new Error('three')
      return n
    }
    const graph: Record<string, unknown> = {}
    for (let i = 0; i < 40; i++) graph[`x${i}`] = [work, i]
    graph.all = [(list: number[]) => list.length, Object.keys(graph)]
    await expect(getThreads(graph, 'all')).rejects.toThrow(/three/)
    expect(await getThreads({ a: [work, 1] }, 'a')).toBe(1)
  })
})

test('an error is sent with the functions among its properties', async () => {
  const fails = () => {
    throw Object.assign(new Error('no'), { toJSON: () => ({ sent: true }) })
  }
  const error = (await getThreads({ a: [fails] }, 'a').catch((e: unknown) => e)) as TaskError
  expect(error).toBeInstanceOf(TaskError)
  expect((error.cause as { toJSON(): unknown }).toJSON()).toEqual({ sent: true })
})

test('an error whose message cannot be read still fails the task', async () => {
  const fails = () => {
    throw Object.defineProperty(new Error('no'), 'message', {
      get() {
        throw new Error('unreadable')
      },
    })
  }
  await expect(getThreads({ a: [fails] }, 'a')).rejects.toThrow(TaskError)
})

test.each([
  [{ signall: 1 }, /there is no option 'signall'; there are signal, onProgress/],
  [{ signal: 5 }, /signal must be an AbortSignal, got number/],
  [{ onProgress: 5 }, /onProgress must be a function, got number/],
  [null, /options must be an object/],
])('options %j are rejected', async (options, message) => {
  await expect(getThreads({ a: 1 }, 'a', options as never)).rejects.toThrow(message)
  expect(() => getSync({ a: 1 }, 'a', options as never)).toThrow(message)
})
