import { expect, test } from 'vitest'
import { onlyVariableOf } from '../../../../core/functions/source/inert-bodies.js'
import { parseFunction } from '../../../../core/functions/source/syntax.js'

const cases: [source: string, variable: string | undefined][] = [
  ['() => x', 'x'],
  ['() => ++x', 'x'],
  ['(v) => { x = v }', 'x'],
  ['(by) => { x += by; return x }', 'x'],
  ['function () { const old = x; x = undefined; return [old, { old }] }', 'x'],
  ['(item) => { list = [...list, item]; return list.length }', 'list'],
  ['(key, value) => { map.set(key, value) }', 'map'],
  [`() => { if (x > 3) return x; x = \`\${x}!\` }`, 'x'],
  ['get() { return state.count }', 'state'],
  // What calls other functions, reads other variables, waits or may not end.
  ['() => log(x)', undefined],
  ['() => x.push(make())', undefined],
  ['() => x + y', undefined],
  ['() => new x()', undefined],
  ['() => { while (!x) {} }', undefined],
  ['() => { for (const y of x) {} }', undefined],
  ['async () => x', undefined],
  ['function* () { yield x }', undefined],
  ['() => this.x + x', undefined],
  ['function () { return arguments[0] + x }', undefined],
  ['(v = x) => v', undefined],
  ['({ v }) => x', undefined],
  ['() => [x].at(0)', undefined],
  ['() => ({ valueOf() { return x } })', undefined],
  ['() => { debugger; return x }', undefined],
  ['() => x`text`', undefined],
  ['() => () => x', undefined],
  ['() => 1', undefined],
  ['class { get() { return x } }', undefined],
]

test.each(cases)('%s can be called for %s', (source, variable) => {
  expect(onlyVariableOf(parseFunction(source)!.node)).toBe(variable)
})
