import { execFileSync } from 'node:child_process'
import { all, create } from 'mathjs'
import { afterAll, describe, expect, test } from 'vitest'
import { expressionSource } from '../../../core/expressions/expression.js'
import {
  closeThreads,
  ExpressionError,
  expression,
  getSync,
  getThreads,
  tokenize,
} from '../../../core/index.js'
import { seeded } from '../../support/random.js'

afterAll(closeThreads)

const call = (source: string, ...args: unknown[]): unknown => expression<unknown>(source)(...args)

test.each<[source: string, args: unknown[], result: unknown]>([
  ['amount * 1.2', [{ amount: 10 }], 12],
  ['amount * 1.2', [{ amount: '10' }], 12],
  ['sqrt(x^2 + y^2)', [{ x: 3, y: 4 }], 5],
  ['sqrt(x^2 + y^2)', [3, 4], 5],
  ['f(a, b) = sqrt(a^2 + b^2)', [3, 4], 5],
  ['f(r) = pi * r^2', [2], Math.PI * 4],
  ['x + 1', [4], 5],
  ['x.amount + 1', [{ amount: 4 }], 5],
  ['x + y', [1, 2], 3],
  ['x + amount', [1, { amount: 5 }], 6],
  ['x + y.amount', [{ valueOf: 1 }.valueOf, { amount: 5 }], 6],
  ['amount * y', [{ amount: 3 }, 2], 6],
  ['x + y + z', [1, 2, 3], 6],
  ['-x % 3', [7], 2],
  ['1 < x <= 5', [5], true],
  ['1 < x <= 5', [1], false],
  ['user == "bob"', [{ user: 'bob' }], true],
  ['user != "bob" and n < 3', [{ user: 'al', n: 2 }], true],
  ['ok or missing', [{ ok: true }], true],
  ['not a', [{ a: 0 }], true],
  ['a xor b', [{ a: 1, b: 0 }], true],
  ['n > 2 ? "big" : "small"', [{ n: 3 }], 'big'],
  ['n > 2 ? missing : 0', [{ n: 1 }], 0],
  ['n ?? 7', [{}], 7],
  ['a.b ?? 7', [{}], 7],
  ['n == null', [{}], true],
  ['n != null', [{ n: 1 }], true],
  ['a.b.c', [{ a: { b: { c: 4 } } }], 4],
  ['a?.b', [{ a: null }], undefined],
  ['a["x y"] + 1', [{ a: { 'x y': 5 } }], 6],
  ['count > 2', [{ count: 3 }], true],
  ['e + pi', [{ e: 1, pi: 2 }], 3],
  ['e', [{}], Math.E],
  ['mean(scores)', [{ scores: [1, 2, 6] }], 3],
  ['scores[1] + scores[end]', [{ scores: [7, 8] }], 15],
  ['sum(x)', [new Set([1, 2])], 3],
  ['max(x)', [new Float64Array([1, 4, 2])], 4],
  ['map(s, sqrt)', [{ s: [4, 9] }], [2, 3]],
  ['map(s, f(v) = v * k)', [{ s: [4, 9], k: 2 }], [8, 18]],
  ['t = n * 2; t + n', [{ n: 4 }], 12],
  ['[x, 2x]', [4], [4, 8]],
  ['{"half": x / 2}', [4], { half: 2 }],
  ['1:3', [0], [1, 2, 3]],
  ['concat(first, " ", last)', [{ first: 'Ada', last: 'L' }], 'Ada L'],
  ['sqrt(-4)', [0], Number.NaN],
  ['x * x', [3n], 9n],
  ['0.1 + 0.2 == x', [0.3], true],
  ['0.1 + 0.2 > x', [0.3], false],
  ['0.1 + 0.2 >= x', [0.3], true],
  ['0.1 + 0.2 <= x', [0.3], true],
  ['x < 1.0000001', [1], true],
  ['100 + n%', [{ n: 5 }], 105],
  ['n!', [{ n: 4 }], 24],
  ['x', [null], null],
])('%s of %o is %o', (source, args, result) => {
  const given = args.map((arg) => (typeof arg === 'function' ? 1 : arg))
  expect(call(source, ...given)).toEqual(result)
})

test('results for numbers are exactly those of mathjs and of plain JavaScript', () => {
  const math = create(all, { predictable: true })
  const random = seeded(7)
  const values = [
    0,
    -0,
    1,
    -1,
    2,
    0.1,
    0.2,
    0.3,
    -8,
    1 / 3,
    1e308,
    5e-324,
    Infinity,
    -Infinity,
    NaN,
  ]
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const term = (depth: number): string => {
    if (depth === 0) return pick(['a', 'b', '2', '0.5', '3'])
    const [left, right] = [term(depth - 1), term(depth - 1)]
    return pick([
      `(${left} ${pick(['+', '-', '*', '/', '%', '^'])} ${right})`,
      `(${left} ${pick(['<', '<=', '>', '>=', '==', '!=', 'and', 'or', 'xor'])} ${right})`,
      `${pick(['sin', 'exp', 'sqrt', 'abs', 'log', 'floor', 'sinh', 'cbrt', 'sign', '-', 'not '])}(${left})`,
      `(${left} > ${right} ? ${left} : ${right})`,
      `${pick(['atan2', 'max', 'min', 'pow', 'hypot'])}(${left}, ${right})`,
    ])
  }
  for (let i = 0; i < 1500; i++) {
    const source = term(3)
    const record = { a: pick(values), b: random() < 0.5 ? pick(values) : random() * 20 - 10 }
    const outcome = (run: () => unknown): unknown => {
      try {
        return run()
      } catch {
        return 'an error'
      }
    }
    const ours = outcome(() => call(source, record))
    const theirs = outcome(() => math.evaluate(source, { ...record }))
    expect(ours, `${source} of ${JSON.stringify(record)}`).toBe(theirs)
  }
  for (const a of values)
    for (const b of values) {
      expect(call('a * b - a / b + 1', { a, b })).toBe(a * b - a / b + 1)
    }
})

describe('a string that is not an expression', () => {
  test.each<[source: string, why: RegExp, line?: number, column?: number]>([
    ['', /empty/],
    ['# nothing', /empty/],
    ['x +', /Unexpected end/, 1, 4],
    ['a\n + * b', /Value expected/, 2, 4],
    ['(a', /Parenthesis \) expected/, 1, 3],
    ['1 + foo(x)', /no function 'foo'/, 1, 5],
    ['f(x) = x + z', /'z' is neither an argument nor a constant/, 1, 12],
    ['a + evaluate("1")', /'evaluate' is not allowed in expressions/, 1, 5],
    ['import({})', /not allowed in expressions/, 1, 1],
    ['config({})', /not allowed in expressions/, 1, 1],
    ['createUnit("foo")', /not allowed in expressions/, 1, 1],
    ['parse("1")', /not allowed in expressions/, 1, 1],
    ['simplify("x + x")', /not allowed in expressions/, 1, 1],
    ['x to cm', /operator 'to'/, 1, 3],
    ['constructor', /'constructor' cannot be/, 1, 1],
    ['a.__proto__', /'__proto__' cannot be/, 1, 3],
    ['a["constructor"]', /'constructor' cannot be/],
    ['a.toString()', /methods cannot be called/, 1, 3],
    ['amount = 3; user.name = 4', /would change a record/],
    ['x[1] = 3', /would change a record/],
    ['x = 1;', /no value/],
    ['x'.repeat(20_000), /characters/],
  ])('%j is rejected when it is passed', (source, why, line, column) => {
    const attempt = () => expression(source)
    expect(attempt).toThrow(ExpressionError)
    expect(attempt).toThrow(why)
    try {
      attempt()
    } catch (error) {
      const found = error as ExpressionError
      if (line !== undefined) expect([found.line, found.column]).toEqual([line, column])
      expect(found.code).toBe('BAD_EXPRESSION')
      expect(found.site).toContain('expression.test.ts')
    }
  })

  test('is shown with a caret below the mistake', () => {
    expect(() => expression('price * * 2')).toThrow(
      "expression: 'price * * 2' is not an expression: Value expected (line 1, column 9)\n  price * * 2\n          ^\n  given at ",
    )
  })
})

describe('the error of a call names the expression, the position and the arguments', () => {
  test.each<[source: string, args: unknown[], message: string]>([
    [
      '2 * amount',
      [{ price: 3 }],
      "2 * amount: there is no field 'amount'; the fields are: price (line 1, column 5)\n  2 * amount\n      ^\n  the item is { price: 3 }",
    ],
    ['amount * 2', [{ amount: undefined }], "the field 'amount' is undefined"],
    ['amount * 2', [{ amount: 'abc' }], 'the string "abc" is not a number'],
    ['amount * 2', [{ amount: { a: 1 } }], 'multiply cannot take a value of type Object'],
    ['amount * 2', [5], "'amount' is unknown, since no argument is a record"],
    ['a.b + 1', [{ a: {} }], "there is no field 'b' in {}"],
    ['x + amount', [{ amount: 1 }, { amount: 2 }], 'x.amount or y.amount'],
    ['f(a, b) = a + b', [{ a: 1, b: 2 }], 'it takes 2 arguments and got 1'],
    ['complex(x, 2)', [1], 'the result is a Complex of mathjs'],
    ['bignumber(x)', [1], 'the result is a BigNumber of mathjs'],
    ['x', [() => 1], 'the result is a function'],
    ['map(a, missing)', [{ a: [1] }], "there is no field 'missing'"],
    ['a ? 1 : 2', [{ a: {} }], 'a condition cannot be an object'],
  ])('%s of %j', (source, args, message) => {
    expect(() => call(source, ...args)).toThrow(message)
    expect(() => call(source, ...args)).toThrow(TypeError)
  })
})

test('expressions can read only their arguments and modify nothing', () => {
  for (const source of ['process', 'globalThis', 'require', 'x.valueOf', 'this'])
    expect(() => call(source, { x: 1 })).toThrow()
  expect(() => call('x[name]', { x: {}, name: '__proto__' })).toThrow()
  expect(() => call('x[name]', { x: {}, name: 'constructor' })).toThrow()
  const record = { x: 1, list: [3, 1, 2] }
  expect(call('x = 5; y = sort(list); x + y[1]', record)).toBe(6)
  expect(record).toEqual({ x: 1, list: [3, 1, 2] })
  expect(call('x + 0', { x: 2 })).toBe(2)
  expect(({} as Record<string, unknown>).y).toBeUndefined()
})

test('sources that differ only in white space give one function and one token', () => {
  const fn = expression('a*2 +b')
  expect(expression('a * 2 + b')).toBe(fn)
  expect(expressionSource(fn)).toBe('a * 2 + b')
  expect(tokenize(fn)).toBe(tokenize(expression(' a*2+b ')))
  expect(tokenize(fn)).not.toBe(tokenize(expression('a*2 - b')))
  expect(tokenize(expression('"a b"'))).not.toBe(tokenize(expression('"a  b"')))
})

test.each([
  ['getSync', getSync],
  ['getThreads', getThreads],
])('expressions can be tasks, arguments and captured values, with %s', async (_, get) => {
  const hypot = expression('sqrt(x^2 + y^2)')
  const tools = { twice: expression('2x') }
  const nested = (v: number): number => tools.twice(hypot(v, 4))
  const graph = { a: 3, b: [hypot, 'a', 4], c: [nested, 'a'], d: [expression('x + y'), 'b', 'c'] }
  expect(await get(graph, ['b', 'c', 'd'])).toEqual([5, 10, 15])
})

test('mathjs is not loaded before the first expression', () => {
  const program = `
    import { createRequire } from 'node:module'
    import { db, getSync } from 'skein'
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((f) => f.includes('mathjs'))
    const before = loaded()
    await db.range(3).map((x) => x).compute({ get: getSync })
    const still = loaded()
    db.range(3).map('x + 1')
    console.log(JSON.stringify([before, still, loaded()]))`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program]).toString()
  expect(JSON.parse(out)).toEqual([false, false, true])
})

describe('operators of JavaScript', () => {
  test('fields may have the names of operators, and signs may follow operators', () => {
    const of = { new: 5, old: 3, is: 1, typeof: 2 }
    expect(call('new - old', of)).toBe(2)
    expect(call('new > old and is == 1', of)).toBe(true)
    expect(call('new', of)).toBe(5)
    expect(call('a--b', { a: 5, b: 2 })).toBe(7)
    expect(call('a++b', { a: 5, b: 2 })).toBe(7)
    expect(call('typeof * 2', of)).toBe(4)
  })

  test.each([
    ['status = 500', 8, "it assigns to 'status' and does not compare; did you mean ==?"],
    ['(status = 500)', 9, 'did you mean ==?'],
    ['status = 500 and ok', 8, 'did you mean ==?'],
    ['ok and (status = 500)', 16, 'did you mean ==?'],
    ['a === b', 3, "'===' is not an operator of expressions; write =="],
    ['a !== b', 3, "'!==' is not an operator of expressions; write !="],
    ['a!==b', 2, 'write !='],
    ['a && b', 3, "'&&' is not an operator of expressions; write and"],
    ['a || b', 3, "'||' is not an operator of expressions; write or"],
    ['!ok', 1, "'!' before a value is not an operator of expressions; write not"],
    ['a and !ok', 7, 'write not'],
    ['!(a > 1)', 1, 'write not'],
    ['a ** 2', 3, 'write ^'],
    ['x => x.a', 3, 'pass the function itself'],
    ['ok == 1 and status = 200', 20, "'=' assigns and does not compare; did you mean ==?"],
    ['2 = a', 3, 'did you mean ==?'],
    ['a <> b', 3, "'<>' is not an operator of expressions; write !="],
    ['a++', 2, 'write x + 1'],
    ['a--', 2, 'write x - 1'],
    ['a += 1', 3, 'write x + 1'],
    ['a /= 2', 3, 'write x / 2'],
    ['typeof a', 1, 'typeof is not an operator of expressions'],
    ['a instanceof b', 3, 'instanceof is not an operator of expressions'],
    ['new Date', 1, 'new is not an operator of expressions'],
    ['a is 1', 3, "'is' is not an operator of expressions; write =="],
    ['`a`', 1, "join them with concat('a', x)"],
  ])('%s is refused with advice and position', (source, column, advice) => {
    expect(() => expression(source)).toThrow(advice)
    expect(() => expression(source)).toThrow(`line 1, column ${column}`)
  })

  test('are left alone in strings, comments, factorials and blocks', () => {
    expect(expression('a == "x && y === !z"')({ a: 'x && y === !z' })).toBe(true)
    expect(expression('3! # and !x')({})).toBe(6)
    expect(expression('a! == b')({ a: 3, b: 6 })).toBe(true)
    expect(expression('a != b')({ a: 3, b: 6 })).toBe(true)
    expect(expression('-3! + a!')({ a: 3 })).toBe(0)
    expect(expression('y = 2 a; y + 1')({ a: 3 })).toBe(7)
    expect(expression('f(a, b) = a + b')(1, 2)).toBe(3)
    expect(expression('not (a >= 1 and a <= 2)')({ a: 3 })).toBe(true)
  })
})
