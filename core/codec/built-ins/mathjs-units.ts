/**
 * Units of mathjs. They are sent as their own fields and their text. The receiver lets mathjs parse
 * the text, because mathjs formats results in the units that it parsed last.
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

/** Returns the class of a unit, of any instance of mathjs; undefined for other objects. */
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

/** Registers mathjs units. */
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
        // A unit that the user defined is unknown here; parsing it is not required.
      }
      return Object.assign(Object.create(unit.prototype) as object, fields)
    },
  })
}
