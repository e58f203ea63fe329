/**
 * The text of blocks, as NumPy prints arrays: aligned columns, at most 8 decimals, exponents where numbers
 * differ much, and only the edges of large blocks.
 */
import { type Complex, type Dtype, isComplex, isFloat, type Scalar } from './dtype.js'

/** What is printed: a dense block. */
interface PrintedBlock {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly ndim: number
  readonly size: number
  item(...coordinates: readonly number[]): Scalar
}

/** The number of elements from which only the edges are shown. */
const SUMMARIZED_ABOVE = 1000
/** The number of elements that are shown at each end of an axis of a large block. */
const EDGE = 3
/** The longest line, in characters. */
const LINE_WIDTH = 75
/** The largest number of decimals. */
const DECIMALS = 8

/** Returns the text of a block. */
export function blockText(chunk: PrintedBlock): string {
  if (chunk.ndim === 0) return scalarText(chunk.item(), chunk.dtype)
  if (chunk.size === 0) return '[]'
  const isSummary = chunk.size > SUMMARIZED_ABOVE
  const format = elementFormat(shownElements(chunk, isSummary), chunk.dtype)
  return axisText({ chunk, isSummary, format }, [], ' ', LINE_WIDTH)
}

/** Returns the text of the only element of a block without axes, which is not rounded. */
function scalarText(value: Scalar, dtype: Dtype): string {
  if (isComplex(dtype)) {
    const { re, im } = value as Complex
    const [a, b] = [re, im].map((part) => {
      return Number.isFinite(part) ? shortestDigits(part, dtype === 'complex64') : specialText(part)
    }) as [string, string]
    const sign = b.startsWith('-') ? '' : '+'
    const short = (text: string) => text.replace(/\.0$/, '')
    return re === 0 && !Object.is(re, -0) ? `${short(b)}j` : `(${short(a)}${sign}${short(b)}j)`
  }
  if (isFloat(dtype)) {
    const number = value as number
    return Number.isFinite(number)
      ? shortestDigits(number, dtype === 'float32')
      : specialText(number)
  }
  return plainText(value)
}

/** Returns the text of an integer or boolean. */
function plainText(value: Scalar): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)
}

/** Returns the positions along an axis that are shown; -1 stands for the others. */
function shownPositions(n: number, isSummary: boolean): number[] {
  const all = Array.from({ length: n }, (_, i) => i)
  return isSummary && n > 2 * EDGE ? [...all.slice(0, EDGE), -1, ...all.slice(-EDGE)] : all
}

function shownElements(chunk: PrintedBlock, isSummary: boolean): Scalar[] {
  const elements: Scalar[] = []
  const visit = (at: readonly number[]): void => {
    if (at.length === chunk.ndim) {
      elements.push(chunk.item(...at))
      return
    }
    for (const i of shownPositions(chunk.shape[at.length]!, isSummary)) {
      if (i >= 0) visit([...at, i])
    }
  }
  visit([])
  return elements
}

interface BlockFormat {
  readonly chunk: PrintedBlock
  readonly isSummary: boolean
  readonly format: (value: Scalar) => string
}

/** Returns the text of the part of a block at some coordinates; lines after the first begin with `indent`. */
function axisText(
  block: BlockFormat,
  at: readonly number[],
  indent: string,
  width: number,
): string {
  const { chunk, isSummary, format } = block
  const axis = at.length
  const positions = shownPositions(chunk.shape[axis]!, isSummary)
  if (axis === chunk.ndim - 1) {
    const words = positions.map((i) => (i < 0 ? '...' : format(chunk.item(...at, i))))
    return `[${wrap(words, indent, width - 1)}]`
  }
  const separator = '\n'.repeat(chunk.ndim - axis - 1)
  const parts = positions.map((i) => {
    return i < 0 ? '...' : axisText(block, [...at, i], `${indent} `, width - 1)
  })
  return `[${parts.join(`${separator}${indent}`)}]`
}

/** Joins words by spaces, in lines of at most `width` characters. */
function wrap(words: readonly string[], indent: string, width: number): string {
  const lines: string[] = []
  let line = indent
  words.forEach((word, i) => {
    if (line.length > indent.length && line.length + word.length > width) {
      lines.push(line.trimEnd())
      line = indent
    }
    line += i === words.length - 1 ? word : `${word} `
  })
  return [...lines, line].join('\n').slice(indent.length)
}

/** Returns the function that formats each of some elements. */
function elementFormat(elements: readonly Scalar[], dtype: Dtype): (value: Scalar) => string {
  if (isComplex(dtype)) {
    const complex = elements as readonly Complex[]
    const isSingle = dtype === 'complex64'
    const [re, im] = (['re', 'im'] as const).map((part) => {
      return floatFormat(
        complex.map((value) => value[part]),
        isSingle,
        part === 'im',
      )
    }) as [FloatFormat, FloatFormat]
    return (value) => {
      const z = value as Complex
      return `${re(z.re)}${im(z.im).replace(/ *$/, (spaces) => `j${spaces}`)}`
    }
  }
  if (isFloat(dtype)) {
    const format = floatFormat(elements as readonly number[], dtype === 'float32', false)
    return (value) => format(value as number)
  }
  const width = Math.max(...elements.map((value) => plainText(value).length))
  return (value) => plainText(value).padStart(width)
}

type FloatFormat = (value: number) => string

/** Returns the function that formats each of some floats, all in one form and one width. */
function floatFormat(values: readonly number[], isSingle: boolean, withSign: boolean): FloatFormat {
  const finite = values.filter(Number.isFinite)
  const sizes = finite.map(Math.abs).filter((size) => size !== 0)
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)]
  const isExponential =
    sizes.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000)
  const form = isExponential ? exponentialForm(finite, isSingle) : fixedForm(isSingle)
  const signed = (value: number) => {
    const text = form(value)
    return withSign && !text.startsWith('-') ? `+${text}` : text
  }
  const [before, after] = [0, 1].map((side) => {
    return Math.max(0, ...finite.map((value) => splitAtPoint(signed(value))[side]!.length))
  }) as [number, number]
  const special = values
    .filter((value) => !Number.isFinite(value))
    .map((value) => {
      return signedSpecial(value, withSign).length
    })
  const left = Math.max(before, Math.max(0, ...special) - after - (finite.length > 0 ? 1 : 0))
  const width = left + after + (finite.length > 0 ? 1 : 0)
  return (value) => {
    if (!Number.isFinite(value)) return signedSpecial(value, withSign).padStart(width)
    const [whole, rest] = splitAtPoint(signed(value))
    return `${whole!.padStart(left)}.${rest!.padEnd(after)}`
  }
}

const splitAtPoint = (text: string): string[] => text.split('.')

function specialText(value: number): string {
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
}

function signedSpecial(value: number, withSign: boolean): string {
  const text = specialText(value)
  return withSign && !text.startsWith('-') ? `+${text}` : text
}

/** Returns the function that formats a number as `-1.25`, without zeros at the end. */
function fixedForm(isSingle: boolean): (value: number) => string {
  return (value) => {
    const [digits, exponent] = shortestParts(value, isSingle)
    const decimals = Math.max(0, digits.length - 1 - exponent)
    const text = value.toFixed(Math.min(decimals, DECIMALS))
    const trimmed = text.includes('.') ? text.replace(/0+$/, '') : `${text}.`
    return Object.is(value, -0) ? `-${trimmed}` : trimmed
  }
}

/** Returns the function that formats a number as `-1.25e+10`, all with the same number of digits. */
function exponentialForm(values: readonly number[], isSingle: boolean): (value: number) => string {
  const parts = values.map((value) => shortestParts(value, isSingle))
  const decimals = Math.min(DECIMALS, Math.max(...parts.map(([digits]) => digits.length - 1)))
  const rounded = values.map((value) => value.toExponential(decimals).split('e'))
  const used = Math.max(
    ...rounded.map(([mantissa]) => (mantissa!.split('.')[1] ?? '').replace(/0+$/, '').length),
  )
  const exponentDigits = Math.max(2, ...rounded.map(([, exponent]) => exponent!.length - 1))
  return (value) => {
    const [mantissa, exponent] = value.toExponential(used).split('e') as [string, string]
    const point = mantissa.includes('.') ? mantissa : `${mantissa}.`
    const sign = Object.is(value, -0) ? '-' : ''
    return `${sign}${point}e${exponent[0]}${exponent.slice(1).padStart(exponentDigits, '0')}`
  }
}

/** Returns the digits of the shortest decimal number that reads back as a float, and its exponent. */
function shortestParts(value: number, isSingle: boolean): [digits: string, exponent: number] {
  let text = Math.abs(value).toExponential()
  for (let digits = 0; isSingle && digits < 9; digits++) {
    text = Math.abs(value).toExponential(digits)
    if (Math.fround(Number(text)) === Math.abs(value)) break
  }
  const [mantissa, exponent] = text.split('e') as [string, string]
  return [mantissa.replace('.', ''), Number(exponent)]
}

/** Returns the shortest text of a float that is not rounded, as Python writes it. */
function shortestDigits(value: number, isSingle: boolean): string {
  const [digits, exponent] = shortestParts(value, isSingle)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (value !== 0 && (exponent >= 16 || exponent < -4)) {
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits
    const size = String(Math.abs(exponent)).padStart(2, '0')
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`
  }
  const decimals = Math.max(1, digits.length - 1 - exponent)
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1).padEnd(decimals === 1 ? 1 : 0, '0')}`
}
