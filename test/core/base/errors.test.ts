import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  CancelledError,
  type CycleError,
  GraphError,
  isSkeinError,
  type MissingPackageError,
  SkeinError,
  type SkeinErrorCode,
  TaskError,
} from '../../../core/base/errors.js'
import { type ConnectionError, KilledWorkerError } from '../../../distributed/index.js'

const failure: unknown = new TaskError({ key: 'x', step: 0, operation: 'map' }, new Error('no'))

describe('isSkeinError', () => {
  test('without codes, accepts every error of this package and nothing else', () => {
    expect(isSkeinError(failure)).toBe(true)
    expect(isSkeinError(new CancelledError('stopped'))).toBe(true)
    expect(isSkeinError(new Error('other'))).toBe(false)
    expect(isSkeinError({ code: 'TASK_FAILED' })).toBe(false)
    if (isSkeinError(failure)) expectTypeOf(failure).toEqualTypeOf<SkeinError>()
  })

  test('with a code, narrows to the class of that code', () => {
    expect(isSkeinError(failure, 'CANCELLED')).toBe(false)
    if (!isSkeinError(failure, 'TASK_FAILED')) throw new Error('Expected a TaskError')
    expectTypeOf(failure).toEqualTypeOf<TaskError>()
    expect(failure.key).toBe('x')
  })

  test('with several codes, narrows to the classes of these codes', () => {
    expect(isSkeinError(failure, 'CYCLE', 'TASK_FAILED')).toBe(true)
    if (isSkeinError(failure, 'CYCLE', 'TASK_FAILED'))
      expectTypeOf(failure).toEqualTypeOf<CycleError | TaskError>()
    if (isSkeinError(failure, 'MISSING_EXPORT'))
      expectTypeOf(failure).toEqualTypeOf<MissingPackageError>()
  })

  test('knows the codes of the cluster and rejects unknown ones', () => {
    const killed: unknown = new KilledWorkerError('x', [])
    if (!isSkeinError(killed, 'KILLED_WORKER')) throw new Error('Expected a KilledWorkerError')
    expectTypeOf(killed).toEqualTypeOf<KilledWorkerError>()
    if (isSkeinError(failure, 'CONNECTION')) expectTypeOf(failure).toEqualTypeOf<ConnectionError>()
    // @ts-expect-error: there is no such code
    expect(isSkeinError(failure, 'TASK_FALLEN')).toBe(false)
  })
})

test('every error has a literal code', () => {
  expectTypeOf<TaskError['code']>().toEqualTypeOf<'TASK_FAILED'>()
  expectTypeOf<GraphError['code']>().toEqualTypeOf<'BAD_GRAPH'>()
  expectTypeOf<KilledWorkerError['code']>().toEqualTypeOf<'KILLED_WORKER'>()
  expectTypeOf<SkeinError['code']>().toEqualTypeOf<SkeinErrorCode>()
  const error = new GraphError('bad')
  expect(error).toBeInstanceOf(SkeinError)
  expect(Object.hasOwn(error, 'code')).toBe(true)
  expect(error.code).toBe('BAD_GRAPH')
})

test('an error says that its line is that of a sampled loop', () => {
  const facts = { key: 'x', step: 0, operation: 'add', site: '/app/main.ts:3:7', isSampled: true }
  expect(new TaskError(facts, new Error('bad luck')).message).toBe(
    "Task 'x' failed in add (added at /app/main.ts:3:7, or soon after this long loop): Error: bad luck",
  )
})
