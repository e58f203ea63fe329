/**
 * Steps of elementwise operations. They only extend an expression, see `expressions/lazy-chunk.ts`.
 */
import { operations } from '../../../core/base/operations.js'
import { astype, elementwise } from '../expressions/lazy-chunk.js'

export { astype, elementwise }

operations('collections/array/steps/elementwise-steps', { astype, elementwise })
