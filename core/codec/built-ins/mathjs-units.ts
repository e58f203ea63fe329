/**
 * Units of mathjs. They go as their own fields; besides, mathjs is shown their text where they arrive, as
 * it gives results in the units that it read last.
 */
import { registerType } from '../objects/registered-types.js'

interface Unit {
  formatUnits(): string
}

interface UnitClass {
  readonly prototype: object
  readonly parse: (text: string) => unknown
}

interface Payload {
  readonly unit: UnitClass
  readonly fields: Readonly<Record<string, unknown>>
  readonly text: string
}

/** The class of a unit, of whichever instance of mathjs; objects of other kinds are asked nothing. */
function unitClass(object: object): UnitClass | undefined {
  const prototype = Object.getPrototypeOf(object) as object | null
  if (prototype === null || memberOf(prototype, 'isUnit') !== true) return undefined
  const Class = memberOf(prototype, 'constructor')
  if (typeof Class !== 'function' || Class.prototype !== prototype) return undefined
  return typeof memberOf(Class, 'parse') === 'function'
    ? (Class as unknown as UnitClass)
    : undefined
}

function memberOf(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value
}

/** Says how units travel. */
export function registerUnits(): void {
  registerType<object, Payload>('mathjs.Unit', {
    test: (object) => unitClass(object) !== undefined,
    builtIns: false,
    encode: (object) => ({
      unit: unitClass(object)!,
      fields: { ...object },
      text: (object as unknown as Unit).formatUnits(),
    }),
    decode: ({ unit, fields, text }) => {
      try {
        if (text !== '') unit.parse(text)
      } catch {
        // A unit that the user made is not known here, and is not needed to be.
      }
      return Object.assign(Object.create(unit.prototype) as object, fields)
    },
  })
}
