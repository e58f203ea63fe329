"""
An array namespace in Python that calls Skein in a process of Node, for the public conformance suite of
the Array API standard (data-apis/array-api-tests).

Functions are made from the stubs of the standard: parameters that may be positional are passed one
after another, those that are keyword-only become the options of the function of `da`, in camelCase.
"""

import inspect
import json
import math
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

suite = Path(os.environ["SKEIN_ARRAY_API_TESTS"])
sys.path.append(str(suite / "array-api" / "src"))
stubs = "array_api_stubs._2024_12"

here = Path(__file__).parent
process = subprocess.Popen(
    [
        os.environ.get("SKEIN_NODE", "node"),
        str(here / "server.mjs"),
        str(here.parent.parent.parent / "dist" / "index.js"),
        os.environ.get("SKEIN_ARRAY_API_GET", "sync"),
    ],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
)


class RangeError(ValueError, IndexError):
    """A RangeError of Skein; NumPy has one or the other."""


errors = {"TypeError": TypeError, "RangeError": RangeError}
freed = []


class SkeinError(Exception):
    """An error of Skein that is neither a TypeError nor a RangeError."""


def request(op, **fields):
    global freed
    process.stdin.write(json.dumps({"op": op, "free": freed, **fields}) + "\n")
    process.stdin.flush()
    freed = []
    answer = json.loads(process.stdout.readline())
    if "error" in answer:
        raise errors.get(answer["error"], SkeinError)(answer["message"])
    return answer.get("value")


# dtypes


class DType:
    """A dtype of the standard."""

    def __init__(self, name, kind, bits):
        self.name, self.kind, self.bits = name, kind, bits

    def __repr__(self):
        return self.name

    def __hash__(self):
        return hash(self.name)

    def __eq__(self, other):
        return isinstance(other, DType) and self.name == other.name


dtypes = {
    name: DType(name, kind, bits)
    for kind, names in {
        "bool": {"bool": 8},
        "signed integer": {f"int{n}": n for n in (8, 16, 32, 64)},
        "unsigned integer": {f"uint{n}": n for n in (8, 16, 32, 64)},
        "real floating": {"float32": 32, "float64": 64},
        "complex floating": {"complex64": 64, "complex128": 128},
    }.items()
    for name, bits in names.items()
}

# values on the wire


def encode(value):
    if isinstance(value, Array):
        return {"a": value._id}
    if isinstance(value, DType):
        return value.name
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"i": str(value)}
    if isinstance(value, float):
        return encode_float(value)
    if isinstance(value, complex):
        return {"c": [encode_float(value.real), encode_float(value.imag)]}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"o": {key: encode(item) for key, item in value.items()}}
    raise TypeError(f"{value!r} of type {type(value)} is not a value of the standard")


def encode_float(value):
    if math.isnan(value):
        return {"n": "-NaN" if math.copysign(1, value) < 0 else "NaN"}
    if math.isinf(value):
        return {"n": "Infinity" if value > 0 else "-Infinity"}
    if value == 0 and math.copysign(1, value) < 0:
        return {"n": "-0"}
    return value


def decode_number(value):
    if isinstance(value, dict) and "n" in value:
        return float(value["n"].replace("Infinity", "inf"))
    if isinstance(value, dict) and "i" in value:
        return int(value["i"])
    if isinstance(value, dict) and "c" in value:
        return complex(*[float(decode_number(part)) for part in value["c"]])
    return value


def decode(value):
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, dict) and "a" in value:
        return Array(value["a"], tuple(int(n) for n in value["shape"]), dtypes[value["dtype"]])
    if isinstance(value, dict) and "o" in value:
        return Record({snake(key): decode(item) for key, item in value["o"].items()})
    return decode_number(value)


class Record(tuple):
    """A tuple with names, as `unique_all` returns."""

    def __new__(cls, fields):
        record = super().__new__(cls, fields.values())
        record.__dict__.update(fields)
        return record


def snake(name):
    return re.sub("([A-Z])", lambda match: "_" + match[1].lower(), name)


def camel(name):
    return re.sub("_([a-z0-9])", lambda match: match[1].upper(), name)


# arrays


def index_texts(key):
    """Returns an index as the arguments of `x.at`."""
    entries = key if isinstance(key, tuple) else (key,)
    return [index_text(entry) for entry in entries]


def index_text(entry):
    if isinstance(entry, slice):
        parts = [entry.start, entry.stop] + ([entry.step] if entry.step is not None else [])
        return ":".join("" if part is None else str(int(part)) for part in parts)
    if entry is Ellipsis:
        return "..."
    return entry


class Array:
    """An array that a process of Node keeps."""

    def __init__(self, id, shape, dtype):
        self._id, self.shape, self.dtype = id, shape, dtype

    def __del__(self):
        freed.append(self._id)

    device = "cpu"
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: math.prod(self.shape))
    T = property(lambda self: decode(request("property", name="T", args=[encode(self)])))
    mT = property(lambda self: call("matrixTranspose", [self]))

    def to_device(self, device, /, *, stream=None):
        return self

    def __array_namespace__(self, /, *, api_version=None):
        return sys.modules["skein_array_api"]

    def _value(self):
        return decode_number(request("values", args=[encode(self)]))

    def __repr__(self):
        return f"skein({request('values', args=[encode(self)])}, {self.dtype})"

    def __bool__(self, /):
        return bool(self._value())

    def __int__(self, /):
        return int(self._value())

    def __float__(self, /):
        return float(self._value())

    def __complex__(self, /):
        return complex(self._value())

    def __index__(self, /):
        if "integer" not in self.dtype.kind or self.shape:
            raise TypeError("only integers without axes are an index")
        return int(self._value())

    def __getitem__(self, key, /):
        return method("at", self, index_texts(key))

    def __setitem__(self, key, value, /):
        result = method("set", self, [index_texts(key), value])
        self._id, result._id = result._id, self._id

    def __len__(self):
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))


def method(name, array, args):
    return decode(request("method", name=name, args=[encode(array), *[encode(arg) for arg in args]]))


def call(name, args):
    return decode(request("call", name=name, args=[encode(arg) for arg in args]))


binary = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floorDivide",
    "mod": "remainder", "pow": "power", "matmul": "matmul", "and": "bitwiseAnd", "or": "bitwiseOr",
    "xor": "bitwiseXor", "lshift": "bitwiseLeftShift", "rshift": "bitwiseRightShift", "eq": "equal",
    "ne": "notEqual", "lt": "less", "le": "lessEqual", "gt": "greater", "ge": "greaterEqual",
}
operands = (Array, bool, int, float, complex)


def operator(name):
    def apply(self, other, /):
        return call(name, [self, other]) if isinstance(other, operands) else NotImplemented

    def reflected(self, other, /):
        return call(name, [other, self]) if isinstance(other, operands) else NotImplemented

    def in_place(self, other, /):
        result = apply(self, other)
        if result.shape != self.shape or result.dtype != self.dtype:
            raise TypeError("in place, the shape and the dtype stay")
        self._id, result._id = result._id, self._id
        return self

    return apply, reflected, in_place


for python_name, name in binary.items():
    plain, reflected, in_place = operator(name)
    for prefix, function in {"": plain, "r": reflected, "i": in_place}.items():
        function.__name__ = f"__{prefix}{python_name}__"
        setattr(Array, function.__name__, function)
for python_name, name in {"neg": "negative", "pos": "positive", "abs": "abs", "invert": "bitwiseInvert"}.items():
    setattr(Array, f"__{python_name}__", (lambda name: lambda self, /: call(name, [self]))(name))


# functions

available = set(request("names"))
# Options that are positional in `da`.
positional = {"expand_dims": ["axis"], "eye": ["n_cols"]}
# Where None says something else than leaving the argument out.
meaningful_none = {("concat", "axis"), ("clip", "min")}
ignored = {"device", "copy"}


lists = {"meshgrid", "broadcast_arrays"}
# The fields of functions that return several arrays; those of others, but for `lists`, are a tuple.
fields = {
    "eigh": ["eigenvalues", "eigenvectors"],
    "qr": ["Q", "R"],
    "slogdet": ["sign", "logabsdet"],
    "svd": ["U", "S", "Vh"],
}
# Defaults of the standard that differ from those of Dask, which `da` has.
defaults = {"cholesky": {"upper": False}}


def function_of(name, stub, prefix=""):
    signature = inspect.signature(stub)
    own = prefix + camel(name)

    def function(*args, **options):
        bound = signature.bind(*args, **{**defaults.get(name, {}), **options})
        plain, named = [], {}
        for parameter in signature.parameters.values():
            if parameter.name in ignored or parameter.name not in bound.arguments:
                continue
            value = bound.arguments[parameter.name]
            if value is None and (name, parameter.name) not in meaningful_none:
                continue
            if parameter.kind == inspect.Parameter.VAR_POSITIONAL:
                plain.extend(value)
            elif parameter.kind != inspect.Parameter.KEYWORD_ONLY or parameter.name in positional.get(name, []):
                plain.append(value)
            else:
                named[camel(parameter.name)] = value
        result = call(own, [*plain, named] if named else plain)
        if name in fields:
            return Record(dict(zip(fields[name], result)))
        return tuple(result) if isinstance(result, list) and name not in lists else result

    function.__name__ = name
    function.__signature__ = signature
    return function


def default_dtype(values):
    kinds = {type(value) for value in values}
    for kind, dtype in ((complex, "complex128"), (float, "float64"), (int, "int64")):
        if kind in kinds:
            return dtype
    return "bool" if kinds else "float64"


def asarray(obj, /, *, dtype=None, device=None, copy=None):
    if isinstance(obj, Array):
        return call("astype", [obj, dtype]) if dtype not in (None, obj.dtype) else call("positive", [obj]) if obj.dtype.name != "bool" else method("at", obj, ["..."])
    shape, flat = [], [obj]
    while flat and isinstance(flat[0], (list, tuple)):
        shape.append(len(flat[0]))
        flat = [item for row in flat for item in row]
    if not flat and not shape:
        shape = [0]
    flat = [item._value() if isinstance(item, Array) else item for item in flat]
    name = dtype.name if dtype is not None else default_dtype(flat)
    return decode(request("asarray", values=[encode(item) for item in flat], shape=shape, dtype=name))


def arange(start, /, stop=None, step=1, *, dtype=None, device=None):
    name = dtype.name if dtype else default_dtype([n for n in (start, stop, step) if n is not None])
    low, high = (0, start) if stop is None else (start, stop)
    return call("arange", [low, high, step, {"dtype": name}])


def full(shape, fill_value, *, dtype=None, device=None):
    shape = [shape] if isinstance(shape, int) else list(shape)
    return call("full", [shape, fill_value, {"dtype": dtype.name if dtype else default_dtype([fill_value])}])


class Finfo:
    def __init__(self, bits):
        self.bits = bits
        self.eps, self.smallest_normal, self.max = (
            (2.0**-23, 2.0**-126, (2 - 2.0**-23) * 2.0**127)
            if bits == 32
            else (sys.float_info.epsilon, sys.float_info.min, sys.float_info.max)
        )
        self.min = -self.max
        self.dtype = dtypes[f"float{bits}"]


class Iinfo:
    def __init__(self, dtype):
        self.bits, self.dtype = dtype.bits, dtype
        unsigned = dtype.kind == "unsigned integer"
        self.min = 0 if unsigned else -(2 ** (dtype.bits - 1))
        self.max = 2 ** (dtype.bits - (0 if unsigned else 1)) - 1


def finfo(type, /):
    dtype = type.dtype if isinstance(type, Array) else type
    return Finfo(dtype.bits // 2 if dtype.kind == "complex floating" else dtype.bits)


def iinfo(type, /):
    return Iinfo(type.dtype if isinstance(type, Array) else type)


def result_type(*arrays_and_dtypes):
    return dtypes[call("resultType", list(arrays_and_dtypes))]


class Info:
    """What the namespace supports."""

    def capabilities(self):
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self):
        return "cpu"

    def default_dtypes(self, *, device=None):
        names = {"real floating": "float64", "complex floating": "complex128", "integral": "int64", "indexing": "int64"}
        return {kind: dtypes[name] for kind, name in names.items()}

    def devices(self):
        return ["cpu"]

    def dtypes(self, *, device=None, kind=None):
        return {name: dtype for name, dtype in dtypes.items() if kind is None or namespace["isdtype"](dtype, kind)}


def __array_namespace_info__():
    return Info()


def make_namespace(modules, prefix=""):
    made = {}
    for module in modules:
        stub_module = import_module(f"{stubs}.{module}")
        for name in stub_module.__all__:
            stub = getattr(stub_module, name)
            if inspect.isfunction(stub) and prefix + camel(name) in available:
                made[name] = function_of(name, stub, prefix)
    return made


class Extension:
    def __init__(self, functions):
        self.__dict__.update(functions)


categories = [
    "creation", "data_type", "elementwise", "indexing", "linear_algebra", "manipulation", "searching",
    "set", "sorting", "statistical", "utility",
]

# The names of the module `skein_array_api`.
namespace = {
    **make_namespace([f"{category}_functions" for category in categories]),
    **{name: Extension(make_namespace([name], f"{name}.")) for name in ("linalg", "fft")},
    **{f.__name__: f for f in (asarray, arange, full, finfo, iinfo, result_type, __array_namespace_info__)},
    **dtypes,
    **{"e": math.e, "inf": math.inf, "nan": math.nan, "pi": math.pi, "newaxis": None},
}
