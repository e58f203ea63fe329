/** Formulas as operations, and the errors of invalid ones. */
import { describe, expect, test } from 'vitest'
import { parseFormula } from '../../../../collections/array/layers/formula-parser.js'

describe('formulas', () => {
  const parse = (source: string, names = ['x', 'y']) => parseFormula(source, names)

  test('are parsed into operations, repeated parts once', () => {
    const { operations } = parse('sqrt(x^2 + y^2) / (x^2)')
    expect(operations.map(({ op }) => op)).toEqual(['power', 'power', 'add', 'sqrt', 'divide'])
  })

  test.each([
    ['x >= 1 and not (y < 2)', ['greaterEqual', 'less', 'logicalNot', 'logicalAnd']],
    ['x > 0 ? x : -y', ['greater', 'negative', 'where']],
    ['0 < x < 1', ['less', 'less', 'logicalAnd']],
    ['max(x, y, 3)', ['maximum', 'maximum']],
    ['log(x, 2)', ['log', 'log', 'divide']],
    ['mod(x, 3) + x % y', ['remainder', 'remainder', 'add']],
    ['2 * pi * x', ['multiply', 'multiply']],
    ['atan2(x, y) .* x', ['arctan2', 'multiply']],
    ['NaN + Infinity + x + -0', ['add', 'add', 'add']],
  ])('%s', (text, ops) => {
    expect(parse(text).operations.map(({ op }) => op)).toEqual(ops)
  })

  test.each([
    ['x + zebra', /'zebra' is not a variable; the variables are: x, y \(at character 5\)/],
    ['foo(x)', /'foo' is not a function of arrays \(at character 1\)/],
    ['x +', /'x \+' is not an expression.*line 1, column 4/],
    ['x[1]', /accessors are not supported for arrays/],
    ['x = 3', /assignments are not supported for arrays/],
    ['sqrt(x, y)', /sqrt takes 1 argument, not 2/],
    ["'a' + x", /"a" is not a number/],
    ['x!', /operator '!' is not supported for arrays/],
    ['', /must be a string/],
    ['__proto__ + x', /'__proto__' is not a variable/],
    ['constructor(x)', /'constructor' is not a function/],
  ])('%s is refused with its position', (text, message) => {
    expect(() => parse(text)).toThrow(message)
  })
})
