/**
 * The kernel of elementwise expressions: one generated loop nest that reads each input once and
 * makes no intermediate arrays. The result is laid out in memory in the order of the largest input,
 * so that a transposed array is read and written sequentially.
 */
import { NDArray, rowMajor, sizeOf } from '../block/ndarray.js'
import { borrowElements } from './borrowed-memory.js'
import { emitStore } from './element-code.js'
import type { ElementwiseExpression } from './elementwise-expression.js'
import {
  compiledKernel,
  emitDeclarations,
  emitHoistedReads,
  emitLoopStart,
  innerReads,
  type Kernel,
  type KernelLoops,
  namesInLoop,
  runKernel,
} from './generated-loops.js'
import { type KernelProgram, readProgram } from './kernel-program.js'
import { LayoutPlans } from './layout-plans.js'
import { broadcastStrides, type Loops, loopsOver, memoryOrder, strideKinds } from './loop-layout.js'

/** How an expression is computed over inputs of one layout. */
interface ElementwisePlan extends KernelLoops {
  readonly length: number
  /** The strides of the result. */
  readonly resultStrides: readonly number[]
}

const plans = new WeakMap<KernelProgram, LayoutPlans<ElementwisePlan>>()

const noAxes: readonly number[] = []

/** Computes an expression; its inputs broadcast to `shape`. */
export function computeExpression(
  expression: ElementwiseExpression,
  shape: readonly number[],
): NDArray {
  const { program, data } = readProgram(expression)
  let known = plans.get(program)
  if (known === undefined) plans.set(program, (known = new LayoutPlans()))
  const plan = known.get('elementwise', noAxes, shape, data.chunks, () =>
    planLoops(program, data.chunks, shape),
  )
  const out = borrowElements(program.dtype, plan.length)
  if (out.length > 0) runKernel(plan, data, out)
  return new NDArray(program.dtype, out, shape, plan.resultStrides)
}

function planLoops(
  program: KernelProgram,
  chunks: readonly NDArray[],
  shape: readonly number[],
): ElementwisePlan {
  const inputStrides = chunks.map((chunk) => broadcastStrides(chunk, shape))
  const order = memoryOrder(chunks, inputStrides, shape)
  const loops = loopsOver(order, shape, inputStrides)
  const kernel = elementwiseKernel(program, loops)
  const resultStrides = new Array<number>(shape.length)
  rowMajor(order.map((axis) => shape[axis]!)).forEach((stride, i) => {
    resultStrides[order[i]!] = stride
  })
  const { sizes, strides } = loops
  return { kernel, sizes, strides: strides.flat(), length: sizeOf(shape), resultStrides }
}

function elementwiseKernel(program: KernelProgram, loops: Loops): Kernel {
  const rank = Math.max(1, loops.sizes.length)
  const kinds =
    loops.sizes.length === 0 ? '0'.repeat(program.inputs.length) : strideKinds(loops, rank - 1)
  return compiledKernel(`${program.key}|${loops.sizes.length}|${kinds}`, () => {
    const inputs = program.inputs.length
    if (loops.sizes.length === 0) {
      const { lines, result } = program.emit(innerReads(program, kinds, 0), '')
      return `${emitDeclarations(inputs, 0)}${emitHoistedReads(program, kinds, namesInLoop(0))}${lines}${emitStore('out', '0', result, program.dtype)}`
    }
    const last = rank - 1
    let code = `${emitDeclarations(inputs, rank)}let k = 0;\n`
    for (let d = 0; d < last; d++) code += emitLoopStart(inputs, d)
    const { lines, result } = program.emit(innerReads(program, kinds, last), '')
    code += emitHoistedReads(program, kinds, namesInLoop(last))
    code += `for (let i = 0; i < n${last}; i++) {\n${lines}${emitStore('out', 'k + i', result, program.dtype)}}\nk += n${last};\n`
    return `${code}${'}'.repeat(last)}\n`
  })
}
