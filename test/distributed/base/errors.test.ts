/** Classes of errors are sent by name, so that every process makes instances of its own classes. */
import { expect, test } from 'vitest'
import * as coreErrors from '../../../core/base/errors.js'
import { operationReference } from '../../../core/base/operations.js'
import * as clusterErrors from '../../../distributed/base/errors.js'

test.each([
  ['core/base/errors', coreErrors],
  ['distributed/base/errors', clusterErrors],
])('every class of %s has a name under which it is sent', (module, errors) => {
  const classes = Object.entries(errors).filter(([, made]) => made.prototype instanceof Error)
  expect(classes.length).toBeGreaterThan(9)
  for (const [name, made] of classes) expect(operationReference(made)).toEqual({ module, name })
})
