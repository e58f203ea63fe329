/** States that are reported when they last too long. */
import { expect, test } from 'vitest'
import { Overdue } from '../../../distributed/base/overdue.js'

/** Checks a state once a second; returns the seconds at which it is reported, and for how long it had lasted. */
function reports(overdue: Overdue, isOn: (second: number) => boolean, seconds: number) {
  const found: [number, number][] = []
  for (let second = 0; second <= seconds; second++) {
    const lasted = overdue.check(isOn(second), 1000 * second)
    if (lasted !== undefined) found.push([second, lasted])
  }
  return found
}

test('a state is reported once after five seconds', () => {
  expect(reports(new Overdue(), () => true, 200)).toEqual([[5, 5000]])
})

test('and again if that is wanted', () => {
  expect(reports(new Overdue({ again: 60_000 }), () => true, 130)).toEqual([
    [5, 5000],
    [65, 65_000],
    [125, 125_000],
  ])
})

test('a state that ends before is not reported, and one that begins again is', () => {
  expect(reports(new Overdue(), (second) => second % 4 !== 0, 100)).toEqual([])
  expect(reports(new Overdue(), (second) => second !== 10, 20)).toEqual([
    [5, 5000],
    [16, 5000],
  ])
})

test('the time in which the process was stopped does not count', () => {
  const overdue = new Overdue()
  expect(overdue.check(true, 0)).toBe(undefined)
  expect(overdue.check(true, 1000)).toBe(undefined)
  expect(overdue.check(true, 60_000)).toBe(undefined)
  expect(overdue.check(true, 63_000)).toBe(undefined)
  expect(overdue.check(true, 65_000)).toBe(6000)
})
