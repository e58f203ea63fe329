/**
 * Random numbers of one element after another. Every element has a stream of its own, which begins with words
 * that are made in bulk, so samplers may draw as many numbers as they like.
 */
import { type PhiloxKey, philox } from './philox.js'

/** The number of layers of the ziggurat, and the start of its tail. */
const LAYERS = 256
const TAIL = 3.6541528853610088
/** The area of each layer. */
const AREA = 0.004928673233974658

/** Numbers of 52 bits. */
const TWO_52 = 2 ** 52

/** The tables of the ziggurat: limits for quick acceptance, widths, and heights. */
const limits = new Float64Array(LAYERS)
const widths = new Float64Array(LAYERS)
const heights = new Float64Array(LAYERS)

/**
 * The ziggurat of Marsaglia and Tsang, "The ziggurat method for generating random variables" (2000), for the
 * normal distribution.
 */
export const ziggurat = { limits, widths } as const

fillTables()

function fillTables(): void {
  const height = (x: number) => Math.exp(-0.5 * x * x)
  let x = TAIL
  let above = TAIL
  const base = AREA / height(TAIL)
  limits[0] = (TAIL / base) * TWO_52
  widths[0] = base / TWO_52
  widths[LAYERS - 1] = TAIL / TWO_52
  heights[0] = 1
  heights[LAYERS - 1] = height(TAIL)
  for (let i = LAYERS - 2; i >= 1; i--) {
    x = Math.sqrt(-2 * Math.log(AREA / x + height(x)))
    limits[i + 1] = (x / above) * TWO_52
    above = x
    heights[i] = height(x)
    widths[i] = x / TWO_52
  }
}

/** The random numbers of one element at a time. */
export class ElementStream {
  private readonly key: PhiloxKey
  private readonly words = new Uint32Array(4)
  private at = 4
  private draw = 1
  private low = 0
  private high = 0

  constructor(key: PhiloxKey) {
    this.key = key
  }

  /** Begins the stream of an element, whose number is an integer of 0 or more. */
  begin(element: number): void {
    this.low = element | 0
    this.high = Math.floor(element / 4294967296) | 0
    this.draw = 1
    this.at = 4
  }

  /** Begins the stream of an element whose first four words are known. */
  beginWith(element: number, words: Uint32Array, at: number): void {
    this.begin(element)
    for (let i = 0; i < 4; i++) this.words[i] = words[at + i]!
    this.draw = 2
    this.at = 0
  }

  private refill(): void {
    philox(this.words, [this.low, this.high, this.draw++, 0], this.key)
    this.at = 0
  }

  /** Returns a number in [0, 1), a multiple of 2 ** -53. */
  uniform(): number {
    if (this.at > 2) this.refill()
    const value = doubleOf(this.words[this.at]!, this.words[this.at + 1]!)
    this.at += 2
    return value
  }

  /** Returns a number in (0, 1). */
  positive(): number {
    for (;;) {
      const u = this.uniform()
      if (u > 0) return u
    }
  }

  /** Returns a number of the standard exponential distribution. */
  exponential(): number {
    return -Math.log1p(-this.uniform())
  }

  /** Returns a number of the standard normal distribution. */
  normal(): number {
    if (this.at > 2) this.refill()
    const a = this.words[this.at]!
    const b = this.words[this.at + 1]!
    this.at += 2
    const layer = a & 255
    const size = b * 1048576 + (a >>> 12)
    if (size < limits[layer]!)
      return (a & 256) === 0 ? size * widths[layer]! : -size * widths[layer]!
    return this.normalBeyond(a, b)
  }

  /** Returns a normally distributed number, given two words that the ziggurat did not accept at once. */
  normalBeyond(a: number, b: number): number {
    const layer = a & 255
    const sign = (a & 256) === 0 ? 1 : -1
    if (layer === 0) return sign * this.tail()
    const x = (b * 1048576 + (a >>> 12)) * widths[layer]!
    const y = heights[layer]! + (heights[layer - 1]! - heights[layer]!) * this.uniform()
    return y < Math.exp(-0.5 * x * x) ? sign * x : this.normal()
  }

  private tail(): number {
    for (;;) {
      const x = this.exponential() / TAIL
      const y = this.exponential()
      if (y + y > x * x) return TAIL + x
    }
  }
}

/** Makes a number in [0, 1) of two words. */
export function doubleOf(a: number, b: number): number {
  return ((a >>> 5) * 67108864 + (b >>> 6)) / 9007199254740992
}

/** Returns `value % n`, which V8 computes in a slow loop. Both are integers up to 2 ** 53. */
export function wholeRemainder(value: number, n: number): number {
  // Beyond 2 ** 53 the product would be rounded.
  if (value + n > 2 ** 53) return value % n
  const rest = value - Math.floor(value / n) * n
  return rest < 0 ? rest + n : rest
}
