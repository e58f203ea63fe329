/**
 * What each entry point offers: a change here is a change of the public interface.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as all from 'skein'
import * as array from 'skein/array'
import * as bag from 'skein/bag'
import * as core from 'skein/core'
import * as distributed from 'skein/distributed'
import { expect, test } from 'vitest'

const names = (module: object) => Object.keys(module).sort().join(' ')

test('skein offers all entry points, bags as db and arrays as da, and delayed calls', () => {
  const parts = [
    ...Object.keys(core),
    ...Object.keys(distributed),
    'Delayed',
    'da',
    'db',
    'delayed',
    'compute',
    'optimize',
    'persist',
    'visualize',
  ].sort()
  expect(Object.keys(all).sort()).toEqual(parts)
  expect(all.da).toBe(array)
  expect(all.db).toBe(bag)
})

test('skein/core', () => {
  expect(names(core)).toMatchInlineSnapshot(
    `"CancelledError CycleError DecodeError ExpressionError GraphError KeyConflictError LayerGraph MissingKeyError MissingPackageError NotPortableError SkeinError TaskError TimeoutError annotate closeThreads cull dependenciesOf dependentsOf expression fuse getSync getThreads inline isSkeinError literal materialize mergeGraphs order ref registerType setGet toGraph tokenize withGet"`,
  )
})

test('skein/bag', () => {
  expect(names(bag)).toMatchInlineSnapshot(
    `"Bag Item concat fromArrow fromAsyncIterable fromDelayed fromSequence fromSql fromUrl map mapPartitions random range readArrow readAvro readCsv readJson readJsonl readParquet readText registerFileSystem zip"`,
  )
})

test('skein/array', () => {
  expect(names(array)).toMatchInlineSnapshot(
    `"Array BinaryFile ChunkedArray NDArray RandomGenerator ZarrArray abs absolute acos acosh add all allclose angle any append applyAlongAxis applyGufunc applyOverAxes arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort argtopk argwhere around array asGufunc asanyarray asarray asin asinh astype atan atan2 atanh atleast1d atleast2d atleast3d average bincount bitwiseAnd bitwiseInvert bitwiseLeftShift bitwiseNot bitwiseOr bitwiseRightShift bitwiseXor block blockwise broadcastArrays broadcastShapes broadcastTo canCast cbrt ceil choose clip coarsen compress concat concatenate conj conjugate consolidateZarr copysign corrcoef cos cosh countNonzero cov createNpy createZarr cross cumprod cumsum cumulativeProd cumulativeSum deg2rad degrees delete diag diagonal diff digitize divide divmod dot dstack e ediff1d einsum empty emptyLike equal eulerGamma evaluate exp exp2 expandDims expm1 extract eye fabs fft fix flatnonzero flip fliplr flipud floatPower floor floorDivide fmax fmin fmod frexp fromArray fromBinary fromDelayed fromNpy fromNpyStack fromNpz fromZarr fromfunction frompyfunc full fullLike gradient greater greaterEqual gufunc histogram histogram2d histogramdd hstack hypot i0 imag imread indices inf inner insert invert isclose iscomplex isdtype isfinite isin isinf isnan isneginf isnull isposinf isreal kron ldexp leftShift less lessEqual lib linalg linspace log log10 log1p log2 logaddexp logaddexp2 logicalAnd logicalNot logicalOr logicalXor ma mapBlocks mapOverlap matmul matrixTranspose max maximum mean median meshgrid min minimum mod modf moment moveaxis multiply nan nanToNum nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar ndim negative newaxis nextafter nonzero notEqual notnull ones onesLike openBinary openNpy openZarr openZarrGroup outer overlap pad percentile permuteDims pi piecewise positive pow power prod ptp push quantile rad2deg radians random ravel ravelMultiIndex real rechunk reciprocal reduction remainder repeat reshape reshapeBlockwise resultType rightShift rint roll rollaxis rot90 round searchsorted select shape shuffle sign signbit sin sinc sinh sort spacing sqrt square squeeze stack stats std store subtract sum swapaxes take takeAlongAxis tan tanh tensordot tile toBinary toNpy toNpyStack toNpz toZarr topk trace transpose tri tril trilIndices trilIndicesFrom triu triuIndices triuIndicesFrom trueDivide trunc unifyChunks union1d unique uniqueAll uniqueCounts uniqueInverse uniqueValues unravelIndex unstack var vdot vecdot vstack where zeros zerosLike"`,
  )
})

test('skein/distributed', () => {
  expect(names(distributed)).toMatchInlineSnapshot(
    `"AsCompleted BindError Chest Client CollectionExistsError ConnectionError Future KilledWorkerError LocalCluster NameTakenError Scheduler SchedulerError StorageError TooFewWorkersError UnknownCollectionError VersionMismatchError Worker asCompleted getClient wait"`,
  )
})

test('the built package has the names of the sources', () => {
  const root = fileURLToPath(new URL('../../dist/', import.meta.url))
  const program = `
    const names = (module) => Object.keys(module).sort().join(' ')
    import(process.argv[1]).then((all) => console.log([all, all.da, all.db].map(names).join('\\n')))`
  const printed = execFileSync(process.execPath, ['-e', program, `${root}index.js`], {
    encoding: 'utf8',
  })
  expect(printed.trim().split('\n')).toEqual([all, array, bag].map(names))
})
