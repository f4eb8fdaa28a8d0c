"""Stanch's companion inside of a Python process: writes down who holds what.

    import stanch_agent
    stanch_agent.start(directory="/var/tmp/dumps")        # then: kill -URG <pid>

    app.add_middleware / wrap:  stanch_agent.AsgiMiddleware(app, token=...)
                                stanch_agent.WsgiMiddleware(app, token=...)
    or its own port:            stanch_agent.start(directory=..., port=8901, token=...)

    exec(open("stanch_agent.py").read()); dump_once("/var/tmp/dumps/A.pygc")   # nothing prepared

One file, standard library only, Python 3.8 to 3.15. The dump is written by a forked child, so that the service stands still only for
the fork; where a fork is unsafe or memory is short, in the process itself. The format is described in docs/formats/python-gc.md.

The agent runs no code of the service: no repr(), no properties, no __getattr__, no __sizeof__, no __eq__ or __hash__ of its
classes. Objects are read through gc.get_referents and the descriptors of built-in types only. Values of strings are not written unless
`values=True`; keys are written as masked patterns.
"""

import array
import atexit
import contextvars
import gc
import hmac
import itertools
import json
import operator
import os
import re
import signal
import stat
import struct
import sys
import threading
import time
import types
import warnings
import _thread

try:
    import ctypes
except ImportError:  # an embedded Python without libffi
    ctypes = None

__all__ = ["start", "stop", "status", "dump", "dump_once", "serve", "trace", "collect", "AsgiMiddleware", "WsgiMiddleware"]

VERSION = 1
MAGIC = b"stanch-python-gc %d\n" % VERSION
SUFFIX = ".pygc"

BLOCK_OBJECTS = 20000
"""Objects of one block: bounds the agent's own memory and, in process, how long others wait for their turn."""
MAX_THREADS = 500
MAX_FRAMES_OF_THREAD = 100
MAX_FRAMES_READ = 20000
MAX_ATTRIBUTES = 256
"""An attribute dict with more entries is data, not a layout: its keys are masked like those of any dict."""
MIN_KEYS_FOR_PATTERNS = 20
MAX_DICTS_WITH_PATTERNS = 2000
KEY_SAMPLE = 48
HEAD_CHARS = 80

MB = 1 << 20


class Refused(Exception):
    """What was asked for was not done, and why."""

    wait = None
    """Seconds after which it would be."""


# ---------------------------------------------------------------- reading without running the service's code

_type_dict = type.__dict__["__dict__"].__get__
_mro_of = type.__dict__["__mro__"].__get__


def _type_mro(kind):
    """() for a static type that no extension has made ready."""
    return _mro_of(kind) or ()


_type_flags = type.__dict__["__flags__"].__get__
_type_bases = type.__dict__["__bases__"].__get__
_type_basicsize = type.__dict__["__basicsize__"].__get__
_type_itemsize = type.__dict__["__itemsize__"].__get__
_type_qualname = type.__dict__["__qualname__"].__get__
_type_name = type.__dict__["__name__"].__get__
_plain_getattribute = object.__getattribute__

FunctionType = types.FunctionType
CodeType = types.CodeType
FrameType = types.FrameType
ModuleType = types.ModuleType
CellType = type((lambda x: (lambda: x))(0).__closure__[0])
MemberType = types.MemberDescriptorType
GetSetType = types.GetSetDescriptorType
MappingProxyType = types.MappingProxyType
GENERATORS = {
    types.GeneratorType: ("gi_frame", "gi_running", "gi_code", "gi_yieldfrom"),
    types.CoroutineType: ("cr_frame", "cr_running", "cr_code", "cr_await"),
    types.AsyncGeneratorType: ("ag_frame", "ag_running", "ag_code", "ag_await"),
}
LocalType = _thread._local
ContextType = contextvars.Context

FLAG_MANAGED_DICT = 1 << 4
FLAG_HEAP = 1 << 9
FLAG_READY = 1 << 12
FLAG_GC = 1 << 14
FLAG_LIST, FLAG_TUPLE, FLAG_STR, FLAG_DICT = 1 << 25, 1 << 26, 1 << 28, 1 << 29
FLAG_EXCEPTION, FLAG_TYPE = 1 << 30, 1 << 31
CO_OPTIMIZED = 1

# Getters of built-in types that are written in C, return what is stored, and make nothing.
_SAFE_GETTERS = {
    FunctionType: ("__code__", "__globals__", "__builtins__", "__defaults__", "__kwdefaults__", "__closure__", "__module__",
                   "__name__", "__qualname__", "__doc__"),
    BaseException: ("args", "__traceback__", "__cause__", "__context__"),
    types.TracebackType: ("tb_frame", "tb_next"),
    types.MethodType: ("__func__", "__self__"),
}
try:
    import _asyncio

    _SAFE_GETTERS[_asyncio.Future] = ("_loop", "_result", "_exception")
    _SAFE_GETTERS[_asyncio.Task] = ("_coro", "_fut_waiter")
    TaskType = _asyncio.Task
except (ImportError, AttributeError):
    TaskType = None
try:
    from functools import _lru_cache_wrapper as LruType
except ImportError:
    LruType = None

_IS_SNAPSHOT_LOCALS = sys.version_info < (3, 13)


def _has_in_mro(kind, name):
    for base in _type_mro(kind):
        if name in _underlying(base):
            return True
    return False


def _type_text(kind):
    """module.qualname of a class without asking its metaclass."""
    name = _type_qualname(kind) if _type_flags(kind) & FLAG_HEAP else _type_name(kind)
    module = None
    if _type_flags(kind) & FLAG_HEAP:
        module = dict.get(_underlying(kind), "__module__")
    else:
        # The name of a static type is "module.name" in C; type.__module__ takes it from there.
        try:
            module = type.__dict__["__module__"].__get__(kind)
        except AttributeError:
            module = None
    if type(module) is not str or module == "builtins":
        return name
    return module + "." + name


def _underlying(kind):
    """The dict behind the mappingproxy of a class; empty for a static type that no extension has made ready."""
    refs = gc.get_referents(_type_dict(kind))
    return refs[0] if refs else {}


class _Kind:
    """What the agent needs to know of a class, found out once."""

    __slots__ = ("type", "id", "family", "size_of", "head", "members", "dict_getter", "is_managed", "layouts", "shadow", "fields")

    def __init__(self, kind):
        self.type = kind
        self.id = id(kind)
        flags = _type_flags(kind)
        mro = _type_mro(kind)
        self.family = _family(kind, flags, mro)
        self.size_of = _sizes(kind, mro)
        self.head = None
        self.is_managed = bool(flags & FLAG_MANAGED_DICT) and sys.version_info >= (3, 11)
        self.layouts = []
        self.shadow = {}
        self.members = []
        self.dict_getter = None
        self.fields = None
        if self.family == "tuple" and kind is not tuple:
            for base in mro:
                fields = dict.get(_underlying(base), "_fields")
                if type(fields) is tuple and all(type(field) is str for field in fields):
                    self.fields = fields
                    break
        seen = set()
        for base in mro:
            space = _underlying(base)
            safe = _SAFE_GETTERS.get(base, ()) if base in _SAFE_BASES else ()
            for name in dict.keys(space):
                if type(name) is not str or name in seen:
                    continue
                value = dict.get(space, name)
                form = type(value)
                if form is MemberType or (form is GetSetType and name in safe):
                    seen.add(name)
                    self.members.append((name, value.__get__))
                elif name == "__dict__" and form is GetSetType and self.dict_getter is None:
                    self.dict_getter = value.__get__
                elif base is not object:
                    seen.add(name)
        self.members.sort(key=lambda member: member[0].startswith("__"))

    def find_head(self, value, own):
        """Bytes in front of an instance: all of a class have the same."""
        self.head = 0
        if self.size_of is not object.__sizeof__ or dict.get(_underlying(self.type), "__sizeof__") is None:
            for base in _type_mro(self.type):
                method = dict.get(_underlying(base), "__sizeof__")
                if method is not None:
                    if method is self.size_of:
                        self.head = sys.getsizeof(value) - own
                    elif _type_flags(self.type) & FLAG_GC:
                        self.head = _GC_HEAD
                    break
        return self.head

    def is_readable(self, name):
        """May object.__getattribute__(o, name) be asked without running a descriptor of the service?"""
        known = self.shadow.get(name)
        if known is None:
            known = True
            for base in _type_mro(self.type):
                space = _underlying(base)
                if name in space:
                    form = type(space[name])
                    if _has_in_mro(form, "__get__") or _has_in_mro(form, "__set__") or _has_in_mro(form, "__delete__"):
                        known = False
                    break
            self.shadow[name] = known
        return known


_GC_HEAD = sys.getsizeof(()) - ().__sizeof__()


class _Identities:
    """Classes by identity: `in` of a set would ask a metaclass for its hash."""

    def __init__(self, kinds):
        self.ids = {id(kind) for kind in kinds}

    def __contains__(self, kind):
        return id(kind) in self.ids


_SAFE_BASES = _Identities(_SAFE_GETTERS)


def _family(kind, flags, mro):
    if flags & FLAG_TYPE:
        return "type"
    if flags & FLAG_DICT:
        return "dict"
    if flags & FLAG_LIST:
        return "list"
    if flags & FLAG_TUPLE:
        return "tuple"
    if flags & FLAG_STR:
        return "str"
    for base in mro:
        if base is set or base is frozenset:
            return "set"
        if base is _deque:
            return "deque"
        if base is ModuleType:
            return "object"
        if base is LocalType:
            return "local"
    if kind is CodeType:
        return "code"
    if kind is FrameType:
        return "frame"
    if kind is CellType:
        return "cell"
    if kind is ContextType:
        return "context"
    if LruType is not None and kind is LruType:
        return "lru"
    if kind is types.GeneratorType or kind is types.CoroutineType or kind is types.AsyncGeneratorType:
        return "generator"
    return "object"


from collections import deque as _deque  # noqa: E402  (the type only)

def _sizes(kind, mro):
    """A function that tells an instance's size, or None when all have one. Never a __sizeof__ that is written in Python."""
    for base in mro:
        method = dict.get(_underlying(base), "__sizeof__")
        if method is None:
            continue
        if base is object:
            return None if _type_itemsize(kind) == 0 else method
        if type(method) in (types.MethodDescriptorType, types.WrapperDescriptorType):
            return method
        return object.__sizeof__
    return object.__sizeof__


# ---------------------------------------------------------------- the stream


class _Stream:
    """Blocks into a file: kind, length, payload. Written when a megabyte has gathered."""

    def __init__(self, fd):
        self.fd = fd
        self.parts = [MAGIC]
        self.waiting = len(MAGIC)
        self.bytes = 0
        self.blocks = 0

    def block(self, kind, *parts):
        length = sum(len(part) for part in parts)
        self.parts.append(struct.pack("<cxxxI", kind, length))
        self.parts.extend(parts)
        self.waiting += length + 8
        self.blocks += 1
        if self.waiting > MB:
            self.flush()

    def json(self, kind, value):
        self.block(kind, json.dumps(value, separators=(",", ":")).encode("ascii"))

    def flush(self):
        data = memoryview(b"".join(self.parts))
        # One list for all time: the dump must not show it, however often it was emptied.
        self.parts.clear()
        self.waiting = 0
        self.bytes += len(data)
        while len(data):
            data = data[os.write(self.fd, data):]


_LONG = "L" if array.array("L").itemsize == 8 else "Q"


def _u64(values):
    # From a list: filling an array from an iterator is slower.
    column = array.array(_LONG, list(values))
    if sys.byteorder == "big":
        column.byteswap()
    return column


def _slow_addresses(objects):
    return _u64(map(id, objects))


def _fast_addresses(objects):
    """The addresses as they stand in a list's own table: no number object is made for each."""
    if type(objects) is not list:
        objects = list(objects)
    column = array.array(_LONG)
    if objects:
        table = ctypes.c_void_p.from_address(id(objects) + _LIST_TABLE).value
        column.frombytes(ctypes.string_at(table, 8 * len(objects)))
    return column


# Behind reference count, type and length; in the usual 64-bit builds of CPython. What is read is checked once, or not done at all.
_LIST_TABLE = 24


def _is_list_as_expected():
    if ctypes is None or sys.implementation.name != "cpython" or sys.byteorder != "little" or sys.maxsize < 1 << 32:
        return False
    if object.__basicsize__ != 16 or list.__basicsize__ != 40:
        return False
    for count in (1, 2, 7, 1000):
        probe = [object() for _ in range(count)]
        probe.append(None)
        if _fast_addresses(probe) != _slow_addresses(probe):
            return False
    return True


_addresses = _fast_addresses if _is_list_as_expected() else _slow_addresses


def _u32(values):
    column = array.array("I", values)
    if sys.byteorder == "big":
        column.byteswap()
    return column


ELEMENTS, ENTRIES, LAYOUT, SLOTS = 1, 2, 3, 4
_FAMILIES = ("object", "dict", "list", "set", "tuple", "deque", "str", "type", "local", "code", "frame", "cell", "context", "lru",
             "generator")


class _Writer:
    """Writes the graph: objects by class in blocks of columns, so that nearly all work is done by C code."""

    def __init__(self, stream, values, in_child):
        self.stream = stream
        self.values = values
        self.in_child = in_child
        self.kinds = {}
        self.objects = 0
        self.references = 0
        self.seen = {}
        """Every object that the collector does not list, by address, in the order in which they were met."""
        self.waiting = []
        self.layout_ids = {}
        self.big_dicts = []
        self.names = {}
        """Texts that may be told, by the address of the string object: names of attributes and of the code."""
        self.tasks = []
        self.words = set()
        self.codes = []
        self.facts = {"lru": [], "tasks": [], "locals": [], "generators": 0}
        self.frames_read = 0
        self.errors = 0

    def kind_of(self, kind):
        known = self.kinds.get(id(kind))
        if known is None:
            known = self.kinds[id(kind)] = _Kind(kind)
            self.found((kind,))
        return known

    def run(self, objects, extra):
        """All objects, then what they lead to, until nothing is new."""
        if not self.in_child:
            self.seen = dict.fromkeys(map(id, objects))
            self.seen[id(self.stream.parts)] = None
        self.found(extra)
        groups = {}
        while objects:
            # From the end, so that the list gives its memory back as it is worked off.
            part = objects[-BLOCK_OBJECTS:]
            del objects[-BLOCK_OBJECTS:]
            for value in part:
                key = id(type(value))
                if key in groups:
                    groups[key].append(value)
                else:
                    groups[key] = [value]
            # Large groups at once, while their objects are still in the processor's caches.
            for members in groups.values():
                if len(members) >= BLOCK_OBJECTS // 4:
                    self.group(members)
                    members.clear()
        part = value = None
        for members in groups.values():
            if members:
                self.group(members)
                members.clear()
        while self.waiting:
            self.leaves()

    def group(self, members):
        kind = self.kind_of(type(members[0]))
        for at in range(0, len(members), BLOCK_OBJECTS):
            self.objects_of(kind, members[at:at + BLOCK_OBJECTS])
            if len(self.waiting) > BLOCK_OBJECTS:
                self.leaves()

    def found(self, values):
        """Objects that the collector does not list. In process that may be any, since frozen ones are not in its list."""
        if self.in_child:
            self.waiting.extend(itertools.filterfalse(gc.is_tracked, values))
        else:
            self.waiting.extend(values)

    def leaves(self):
        """Those of the waiting objects that were not there before."""
        values = self.waiting
        self.waiting = []
        new = []
        if self.in_child:
            # What has one reference beside that of our list cannot come again: no need to remember it.
            counts = list(map(sys.getrefcount, values))
            if counts.count(_ONE_HOLDER) == len(counts):
                new, values = values, []
            else:
                # Small integers are one object each, so that `is` will do.
                new = list(itertools.compress(values, map(operator.is_, counts, itertools.repeat(_ONE_HOLDER))))
                values = list(itertools.compress(values, map(operator.is_not, counts, itertools.repeat(_ONE_HOLDER))))
            counts = None
        before = len(self.seen)
        self.seen.update(zip(map(id, values), values))
        new.extend(itertools.islice(reversed(self.seen.values()), len(self.seen) - before))
        if not new:
            return
        forms = list(map(type, new))
        distinct = dict(zip(map(id, forms), forms))
        if len(distinct) <= 8:
            groups = [list(itertools.compress(new, map(operator.is_, forms, itertools.repeat(form)))) for form in distinct.values()]
        else:
            by_type = {}
            for form, value in zip(forms, new):
                by_type.setdefault(id(form), []).append(value)
            groups = list(by_type.values())
        values = new = forms = None
        for members in groups:
            kind = self.kind_of(type(members[0]))
            for at in range(0, len(members), BLOCK_OBJECTS):
                self.objects_of(kind, members[at:at + BLOCK_OBJECTS])

    # ------------------------------------------------ objects

    def objects_of(self, kind, members):
        first = self.objects
        count = len(members)
        self.objects += count
        sizes = b""
        width = 0
        if kind.family == "type":
            fixed = 0
            column = list(map(sys.getsizeof, members))
        elif kind.size_of is None:
            fixed = sys.getsizeof(members[0])
            column = None
        else:
            # What lies in front of an object is not in its own account: the collector's links, pointers to attributes.
            native = kind.size_of
            column = list(map(native, members))
            fixed = kind.head if kind.head is not None else kind.find_head(members[0], column[0])
        if column is not None:
            if max(column) < 1 << 32:
                sizes, width = _u32(column).tobytes(), 4
            else:
                sizes, width = _u64(column).tobytes(), 8
        length_of = _LENGTHS.get(kind.family)
        lengths = b"" if length_of is None else _u32(list(map(length_of, members))).tobytes()
        self.stream.block(b"O", struct.pack("<QQIBBBxQ", kind.id, fixed, count, width, 4 if lengths else 0, _FAMILIES.index(kind.family), 0),
                          _addresses(members).tobytes(), sizes, lengths)
        try:
            getattr(self, "refs_of_" + kind.family)(kind, first, members)
        except Exception as error:
            # An object that changed under our hands (in process only), or a type of a Python that we do not know.
            self.errors += 1
            self.facts.setdefault("errors", []).append("%s: %s" % (_type_text(kind.type), type(error).__name__))
            self.slots(first, members)
        if self.values and kind.family == "str":
            self.texts(members, [str.__getitem__(value, slice(HEAD_CHARS)) for value in members])
        elif self.values and kind.type is bytes:
            self.texts(members, [value[:HEAD_CHARS].decode("latin-1") for value in members])

    # ------------------------------------------------ references

    def edges(self, role, first, owners, counts, columns, layout=0):
        """`counts`: one number for all, or a list. `owners`: None for first, first + 1, …, or ordinals."""
        constant = counts if type(counts) is int else 0
        number = len(owners) if owners is not None else None
        if number is None:
            raise ValueError("owners")
        is_range = type(owners) is range
        total = constant * number if type(counts) is int else None
        parts = [column.tobytes() for column in columns]
        total = len(columns[0])
        self.references += total * (len(columns) if role == ENTRIES else 1)
        self.stream.block(
            b"E",
            struct.pack("<BBBxIIIIIQ", role, 0 if type(counts) is int else 1, 0 if is_range else 1, layout, number,
                        owners[0] if is_range and number else 0, constant, 0, total),
            *parts,
            b"" if is_range else _u32(owners).tobytes(),
            b"" if type(counts) is int else _u32(counts).tobytes(),
        )

    def slots(self, first, members):
        """References without names, as the collector tells them."""
        refs = list(map(gc.get_referents, members))
        flat = list(itertools.chain.from_iterable(refs))
        self.found(flat)
        self.edges(SLOTS, first, range(first, first + len(members)), list(map(len, refs)), [_addresses(flat)])

    def elements(self, first, members, iterate, length):
        counts = list(map(length, members))
        flat = list(itertools.chain.from_iterable(map(iterate, members)))
        if len(flat) != sum(counts):
            counts = None
            lists = [list(iterate(value)) for value in members]
            counts = list(map(len, lists))
            flat = list(itertools.chain.from_iterable(lists))
        self.found(flat)
        if flat:
            self.edges(ELEMENTS, first, range(first, first + len(members)), counts, [_addresses(flat)])

    def refs_of_list(self, kind, first, members):
        self.elements(first, members, list.__iter__, list.__len__)
        if kind.type is not list:
            self.rest(kind, first, members, list.__iter__)

    def refs_of_tuple(self, kind, first, members):
        if kind.fields is not None and all(tuple.__len__(value) == len(kind.fields) for value in members):
            flat = list(itertools.chain.from_iterable(map(tuple.__iter__, members)))
            self.found(flat)
            layout = self.layout(tuple(("p", name) for name in kind.fields))
            if flat:
                self.edges(LAYOUT, first, range(first, first + len(members)), len(kind.fields), [_addresses(flat)], layout)
        else:
            self.elements(first, members, tuple.__iter__, tuple.__len__)
        if kind.type is not tuple:
            self.rest(kind, first, members, tuple.__iter__)

    def refs_of_set(self, kind, first, members):
        base = frozenset if any(each is frozenset for each in _type_mro(kind.type)) else set
        self.elements(first, members, base.__iter__, base.__len__)
        if kind.type is not base:
            self.rest(kind, first, members, base.__iter__)

    def refs_of_deque(self, kind, first, members):
        self.elements(first, members, _deque.__iter__, _deque.__len__)
        self.rest(kind, first, members, _deque.__iter__)

    def refs_of_dict(self, kind, first, members):
        keys = list(itertools.chain.from_iterable(map(dict.keys, members)))
        values = list(itertools.chain.from_iterable(map(dict.values, members)))
        counts = list(map(dict.__len__, members))
        if len(keys) != sum(counts) or len(values) != len(keys):
            # Only where other threads go on: each dict anew, at one moment.
            copies = [list(dict.items(value)) for value in members]
            counts = list(map(len, copies))
            keys = [key for copy in copies for key, _ in copy]
            values = [value for copy in copies for _, value in copy]
        self.found(keys)
        self.found(values)
        if keys:
            self.edges(ENTRIES, first, range(first, first + len(members)), counts, [_addresses(keys), _addresses(values)])
        if max(counts) >= MIN_KEYS_FOR_PATTERNS and not self.values:
            self.big_dicts.extend(value for value in members if dict.__len__(value) >= MIN_KEYS_FOR_PATTERNS)
        if kind.type is not dict:
            self.rest(kind, first, members, lambda value: itertools.chain(dict.keys(value), dict.values(value)))

    def rest(self, kind, first, members, contents):
        """What an instance of a subclass of a collection holds beside its contents."""
        for nth, value in enumerate(members):
            inside = {}
            for item in contents(value):
                inside[id(item)] = inside.get(id(item), 0) + 1
            others = []
            for item in gc.get_referents(value):
                left = inside.get(id(item), 0)
                if left:
                    inside[id(item)] = left - 1
                else:
                    others.append(item)
            if others:
                self.named_one(kind, first + nth, value, others)

    def refs_of_str(self, kind, first, members):
        if kind.type is not str:
            self.refs_of_object(kind, first, members)

    def refs_of_object(self, kind, first, members):
        if not (_type_flags(kind.type) & FLAG_GC):
            return
        refs = list(map(gc.get_referents, members))
        counts = list(map(len, refs))
        if not any(counts):
            return
        self.found(itertools.chain.from_iterable(refs))
        if kind.type is ModuleType:
            self.attribute_keys(list(map(_module_dict, members)), 1 << 30)
        elif kind.type is TaskType:
            self.facts["tasks"].extend(map(_task, members))
        by_count = {}
        if min(counts) == max(counts):
            by_count[counts[0]] = (range(first, first + len(members)), members, refs)
        else:
            for nth, count in enumerate(counts):
                group = by_count.get(count)
                if group is None:
                    group = by_count[count] = ([], [], [])
                group[0].append(first + nth)
                group[1].append(members[nth])
                group[2].append(refs[nth])
        for count, (owners, group, group_refs) in by_count.items():
            if count:
                self.alike(kind, owners, group, group_refs, count)

    def alike(self, kind, owners, members, refs, count):
        """Objects with equally many references: a layout taken from one of them is checked against all, by identity."""
        for _ in range(4):
            names = self.names_of(kind, members[0], refs[0])
            flat = _addresses(itertools.chain.from_iterable(refs))
            wrong = self.check(kind, names, members, refs, flat, count)
            layout = self.layout(names)
            if wrong is None:
                self.edges(LAYOUT, 0, owners, count, [flat], layout)
                self.attributes(names, refs)
                return
            good = [nth for nth, bad in enumerate(wrong) if not bad]
            if len(good) < max(2, len(members) // 50):
                break
            self.edges(LAYOUT, 0, [owners[nth] for nth in good], count,
                       [_addresses(itertools.chain.from_iterable(refs[nth] for nth in good))], layout)
            self.attributes(names, [refs[nth] for nth in good])
            left = [nth for nth, bad in enumerate(wrong) if bad]
            owners = [owners[nth] for nth in left]
            members = [members[nth] for nth in left]
            refs = [refs[nth] for nth in left]
        if not self.in_child and kind.is_managed:
            # Asking for the names would make a dict for each object, which stays.
            flat = _addresses(itertools.chain.from_iterable(refs))
            self.edges(SLOTS, 0, list(owners), count, [flat])
            return
        by_layout = {}
        for nth, value in enumerate(members):
            names = self.names_of(kind, value, refs[nth])
            self.attributes(names, [refs[nth]])
            by_layout.setdefault(self.layout(names), []).append(nth)
        for layout, group in by_layout.items():
            self.edges(LAYOUT, 0, [owners[nth] for nth in group], count,
                       [_addresses(itertools.chain.from_iterable(refs[nth] for nth in group))], layout)

    def attributes(self, names, refs):
        """The keys of attribute dicts are names of the program."""
        for position, (_, name) in enumerate(names):
            if name == "__dict__" or name == "__kwdefaults__":
                self.attribute_keys([ref[position] for ref in refs])
            elif name == "__qualname__" or name == "__module__":
                texts = [ref[position] for ref in refs]
                self.names.update(zip(map(id, texts), texts))

    def attribute_keys(self, spaces, most=MAX_ATTRIBUTES):
        spaces = [space for space in spaces if type(space) is dict and dict.__len__(space) <= most]
        keys = list(itertools.chain.from_iterable(map(dict.keys, spaces)))
        self.names.update(zip(map(id, keys), keys))

    def check(self, kind, names, members, refs, flat, count):
        """None when every object has these names at these references; else a list of what is wrong where."""
        wrong = None
        getters = dict(kind.members)
        for position, (_, name) in enumerate(names):
            here = flat[position::count]
            if name == "":
                # Nameless here, but perhaps not there: at least it must be of one class.
                here = array.array(_LONG, list(map(id, map(type, map(operator.itemgetter(position), refs)))))
                column = array.array(_LONG, [here[0]]) * len(members)
            elif name == "__class__":
                column = _u64((kind.id,)) * len(members)
            else:
                get = getters.get(name)
                if get is None and name == "__dict__":
                    get = kind.dict_getter
                try:
                    if get is not None:
                        column = _addresses(map(get, members))
                    elif kind.is_readable(name):
                        column = _addresses(map(_plain_getattribute, members, itertools.repeat(name)))
                    else:
                        return [True] * len(members)
                except (AttributeError, ValueError):
                    column = _addresses((self.read(kind, get, value, name) for value in members))
            if here != column:
                if wrong is None:
                    wrong = [False] * len(members)
                for nth, (a, b) in enumerate(zip(here, column)):
                    if a != b:
                        wrong[nth] = True
        return wrong

    @staticmethod
    def read(kind, get, value, name):
        try:
            return get(value) if get is not None else _plain_getattribute(value, name)
        except (AttributeError, ValueError):
            return _MISSING

    def names_of(self, kind, value, refs):
        """A (kind, name) for each reference of one object; ("s", "") where none is known."""
        candidates = {}

        def offer(target, edge):
            candidates.setdefault(id(target), []).append(edge)

        for name, get in kind.members:
            try:
                target = get(value)
            except Exception:
                continue
            # A getter says None for what is not there: that names no reference.
            if target is not None or not name.startswith("__"):
                offer(target, ("i" if name.startswith("__") else "p", name))
        if kind.dict_getter is not None and (kind.is_managed or any(type(ref) is dict and id(ref) not in candidates for ref in refs)):
            space = kind.dict_getter(value)
            offer(space, ("i", "__dict__"))
            if kind.is_managed and type(space) is dict and len(space) <= MAX_ATTRIBUTES:
                for name, target in dict.items(space):
                    if type(name) is str:
                        offer(target, ("p", name))
        offer(kind.type, ("i", "__class__"))
        names = []
        for ref in refs:
            edges = candidates.get(id(ref))
            names.append(edges.pop(0) if edges else ("s", ""))
        return tuple(names)

    def named_one(self, kind, ordinal, value, refs):
        names = self.names_of(kind, value, refs)
        self.attributes(names, [refs])
        self.found(refs)
        self.edges(LAYOUT, 0, [ordinal], len(refs), [_addresses(refs)], self.layout(names))

    def layout(self, names):
        known = self.layout_ids.get(names)
        if known is None:
            known = self.layout_ids[names] = len(self.layout_ids) + 1
            self.stream.json(b"L", {"id": known, "names": names})
        return known

    def explicit(self, ordinals, rows):
        """Rows of (kind, name, target) triples, one row an object."""
        by_layout = {}
        for ordinal, row in zip(ordinals, rows):
            names = tuple((edge[0], edge[1]) for edge in row)
            group = by_layout.setdefault(names, ([], []))
            group[0].append(ordinal)
            group[1].extend(edge[2] for edge in row)
        for names, (owners, targets) in by_layout.items():
            if names:
                self.found(targets)
                self.edges(LAYOUT, 0, owners, len(names), [_addresses(targets)], self.layout(names))

    def refs_of_cell(self, kind, first, members):
        refs = list(map(gc.get_referents, members))
        owners = [first + nth for nth, ref in enumerate(refs) if ref]
        flat = list(itertools.chain.from_iterable(refs))
        self.found(flat)
        if owners:
            self.edges(LAYOUT, 0, owners, 1, [_addresses(flat)], self.layout((("i", "cell_contents"),)))

    def refs_of_code(self, kind, first, members):
        names = [name for name in ("co_consts", "co_names", "co_filename", "co_name", "co_qualname", "co_linetable")
                 if name in _type_dict(CodeType)]
        rows = []
        texts = []
        files = {}
        for code in members:
            rows.append([("i", name, getattr(code, name)) for name in names])
            flags = code.co_flags
            arguments = code.co_argcount
            keywords = code.co_kwonlyargcount
            self.codes.append((
                id(code), getattr(code, "co_qualname", code.co_name), files.setdefault(code.co_filename, len(files)), code.co_firstlineno,
                code.co_varnames[:arguments + keywords], arguments, code.co_freevars, flags,
            ))
            texts.extend(code.co_names)
            texts.extend(code.co_varnames)
            self.constants(code.co_consts, texts)
        for key, text in dict(zip(map(id, texts), texts)).items():
            self.word(key, text)
        self.explicit(range(first, first + len(members)), rows)
        self.stream.json(b"C", {"files": list(files), "rows": self.codes})
        self.codes = []

    def constants(self, values, texts):
        for value in values:
            if type(value) is str:
                texts.append(value)
            elif type(value) is tuple:
                self.constants(value, texts)

    def word(self, key, text):
        """Names that stand in the code are no secrets of a user; longer texts and those with digits are left alone."""
        if key not in self.names and len(text) <= 40 and _NAME.fullmatch(text):
            self.words.add(text)
            self.names[key] = text

    def refs_of_type(self, kind, first, members):
        rows = []
        described = []
        for value in members:
            if not _type_flags(value) & FLAG_READY:
                # A static type that no extension has made ready: reading its parts would crash.
                rows.append([])
                described.append((id(value), _type_name(value), _type_flags(value), "", 0))
                continue
            refs = gc.get_referents(value)
            space = _underlying(value)
            self.attribute_keys((space,), 1 << 30)
            known = [("i", "__dict__", space), ("i", "__mro__", _type_mro(value)), ("i", "__bases__", _type_bases(value))]
            ids = {id(edge[2]) for edge in known}
            others = [ref for ref in refs if id(ref) not in ids]
            base = type.__dict__["__base__"].__get__(value)
            named = []
            for ref in others:
                named.append(("i", "__base__", ref) if ref is base else ("i", "__class__", ref) if ref is type(value) else ("s", "", ref))
            rows.append(known + named)
            described.append((id(value), _type_text(value), _type_flags(value)) + _place_of_class(space))
        self.explicit(range(first, first + len(members)), rows)
        self.stream.json(b"T", described)

    def refs_of_frame(self, kind, first, members):
        rows = []
        for nth, frame in enumerate(members):
            # From 3.11 on a frame that is not tracked still stands on a thread's stack, which is gone in the child.
            if sys.version_info >= (3, 11) and not gc.is_tracked(frame):
                rows.append([])
                continue
            code = frame.f_code
            refs = gc.get_referents(frame)
            row = [("i", "f_code", code), ("i", "f_globals", frame.f_globals)]
            taken = {id(code), id(frame.f_globals)}
            if self.frames_read < MAX_FRAMES_READ:
                self.frames_read += 1
                told = self.told_frames.get(id(frame))
                if told is None:
                    values = _locals_of(frame)
                    self.named_locals(first + nth, values)
                else:
                    # A thread runs it: its variables are told with the roots.
                    values = told
                taken.update(map(id, values.values()))
            # Its caller, cells, and what stands on its evaluation stack.
            row.extend(("i", "f_back", ref) if type(ref) is FrameType else ("s", "", ref) for ref in refs if id(ref) not in taken)
            rows.append(row)
            self.facts.setdefault("frames", []).append(
                [id(frame), getattr(code, "co_qualname", code.co_name), code.co_filename, frame.f_lineno])
        self.explicit(range(first, first + len(members)), rows)

    def named_locals(self, ordinal, values):
        pairs = [(name, target) for name, target in values.items() if type(name) is str]
        if not pairs:
            return
        names = [name for name, _ in pairs]
        targets = [target for _, target in pairs]
        self.found(targets)
        self.edges(LAYOUT, 0, [ordinal], len(pairs), [_addresses(targets)], self.layout(tuple(("c", name) for name in names)))

    def refs_of_generator(self, kind, first, members):
        frame_name, running_name, code_name, await_name = GENERATORS[kind.type]
        space = _type_dict(kind.type)
        frame_of, running_of = space[frame_name].__get__, space[running_name].__get__
        code_of, waits_for = space[code_name].__get__, space[await_name].__get__
        rows = []
        for nth, value in enumerate(members):
            row = [("i", code_name, code_of(value))]
            refs = gc.get_referents(value)
            frame = None
            if self.frames_read < MAX_FRAMES_READ and not running_of(value):
                frame = frame_of(value)
            if frame is not None:
                self.frames_read += 1
                values = _locals_of(frame)
                self.named_locals(first + nth, values)
                # What is left stands on the evaluation stack: what it waits for, a loop's iterator.
                taken = {id(target) for target in values.values()}
                taken.add(id(code_of(value)))
                waited = waits_for(value)
                for ref in refs:
                    if id(ref) not in taken:
                        # Up to 3.10 the frame is an object of its own.
                        row.append(("i", await_name, ref) if ref is waited else ("i", frame_name, ref) if ref is frame else ("s", "", ref))
            else:
                row.extend(("s", "", ref) for ref in refs if ref is not row[0][2])
            rows.append(row)
        self.explicit(range(first, first + len(members)), rows)

    def refs_of_context(self, kind, first, members):
        for nth, value in enumerate(members):
            row = []
            for variable, target in ContextType.items(value):
                row.append(("p", _variable_name(variable), target))
                row.append(("i", "ContextVar", variable))
            row.extend(("s", "", ref) for ref in gc.get_referents(value))
            self.explicit([first + nth], [row])

    def refs_of_local(self, kind, first, members):
        """Values of thread locals: one dict a thread, found before the fork for those of other threads."""
        for nth, value in enumerate(members):
            held = self.held_locals.get(id(value), ())
            row = []
            ids = set()
            for space in held:
                row.append(("i", "__dict__", space))
                ids.add(id(space))
            refs = gc.get_referents(value)
            for ref in refs:
                for space in _dicts_of_local(ref):
                    if id(space) not in ids:
                        ids.add(id(space))
                        row.append(("i", "__dict__", space))
            row.extend(("s", "", ref) for ref in refs if id(ref) not in ids)
            self.explicit([first + nth], [row])
            self.facts["locals"].append([id(value), [id(space) for space in held]])

    held_locals = {}
    told_frames = {}

    def refs_of_lru(self, kind, first, members):
        for nth, value in enumerate(members):
            refs = gc.get_referents(value)
            info = LruType.cache_info(value)
            space = kind.dict_getter(value)
            function = dict.get(space, "__wrapped__") if type(space) is dict else None
            code = FunctionType.__dict__["__code__"].__get__(function) if type(function) is FunctionType else None
            self.facts["lru"].append([
                id(value), info[0], info[1], info[2], info[3],
                getattr(code, "co_qualname", code.co_name) if code is not None else "", code.co_filename if code is not None else "",
                code.co_firstlineno if code is not None else 0,
            ])
            # A bounded cache visits key, result (and the type of the link) of each entry first.
            step = 0
            if info[2] is not None and info[3] and len(refs) > 3 * info[3]:
                step = 3 if all(ref is refs[2] for ref in refs[2:3 * info[3]:3]) and type(refs[2]) is type else 2
            entries = refs[:step * info[3]]
            if step:
                keys, results = entries[0::step], entries[1::step]
                self.found(keys)
                self.found(results)
                self.edges(ENTRIES, 0, [first + nth], len(keys), [_addresses(keys), _addresses(results)])
            row = []
            for ref in refs[len(entries):]:
                if ref is space:
                    row.append(("i", "__dict__", ref))
                elif type(ref) is dict:
                    row.append(("i", "cache", ref))
                elif ref is function:
                    row.append(("i", "__wrapped__", ref))
                elif ref is kind.type:
                    row.append(("i", "__class__", ref))
                else:
                    row.append(("s", "", ref))
            self.explicit([first + nth], [row])

    # ------------------------------------------------ texts

    def texts(self, strings, texts):
        """What may be told of string objects: names, masked patterns, or heads of values."""
        joined = "\0".join(text.replace("\0", "\ufffd") for text in texts).encode("utf-8", "replace")
        self.stream.block(b"S", struct.pack("<II", len(strings), len(joined)), _addresses(strings).tobytes(), joined)

    def all_texts(self):
        names = {key: text[:HEAD_CHARS] for key, text in self.names.items() if type(text) is str}
        found = list(names)
        for at in range(0, len(found), BLOCK_OBJECTS):
            part = found[at:at + BLOCK_OBJECTS]
            self._texts_of_ids(part, [names[each] for each in part])
        masked = {}
        self.big_dicts.sort(key=dict.__len__, reverse=True)
        for value in self.big_dicts[:MAX_DICTS_WITH_PATTERNS]:
            size = dict.__len__(value)
            if size > 200000:
                # The newest keys come last; dicts can be read from their end.
                newest = itertools.islice(reversed(dict.keys(value)), KEY_SAMPLE)
                keys = [key for key in newest if type(key) is str]
            else:
                keys = [key for key in itertools.islice(dict.keys(value), max(0, size - KEY_SAMPLE), size) if type(key) is str]
            if keys:
                for key, pattern in zip(keys, _masked([key[:HEAD_CHARS] for key in keys], self.words)):
                    if id(key) not in names:
                        masked[id(key)] = pattern
        found = list(masked)
        for at in range(0, len(found), BLOCK_OBJECTS):
            part = found[at:at + BLOCK_OBJECTS]
            self._texts_of_ids(part, [masked[each] for each in part])

    def _texts_of_ids(self, ids, texts):
        joined = "\0".join(text.replace("\0", "\ufffd") for text in texts).encode("utf-8", "replace")
        self.stream.block(b"S", struct.pack("<II", len(ids), len(joined)), _u64(ids).tobytes(), joined)


_MISSING = object()
# What getrefcount says, asked in this way, of an object in a list that one other object refers to.
_ONE_HOLDER = (lambda values, holder: list(map(sys.getrefcount, values))[0])(*(lambda value: ([value], [value]))(object()))
_NAME = re.compile(r"[A-Za-z_][A-Za-z_.\-]*")
_WORD = re.compile(r"[^\W\d_]+")
_MIXED = re.compile(r"[0-9A-Za-z]*(?:[0-9][A-Za-z]|[A-Za-z][0-9])[0-9A-Za-z]*")
_DIGIT = re.compile(r"\d")
_LENGTHS = {
    "list": list.__len__, "tuple": tuple.__len__, "dict": dict.__len__, "deque": _deque.__len__,
    "set": lambda value: frozenset.__len__(value) if isinstance_of(value, frozenset) else set.__len__(value),
}


def isinstance_of(value, base):
    """isinstance without asking `__class__`, which may lie."""
    return any(each is base for each in _type_mro(type(value)))


def _masked(keys, words):
    """`user-#####`: digits are masked, and words unless most keys or the program's code have them."""
    counts = {}
    for key in keys:
        for word in set(_WORD.findall(key)):
            counts[word] = counts.get(word, 0) + 1
    enough = max(3, len(keys) // 2)

    def hide(match):
        word = match.group()
        return word if counts.get(word, 0) >= enough or word in words else "*" * min(len(word), 8)

    masked = []
    for key in keys:
        text = _MIXED.sub(lambda match: match.group() if len(match.group()) < 8 else "#" * 8, key)
        masked.append(_DIGIT.sub("#", _WORD.sub(hide, text)))
    return masked


def _place_of_class(space):
    """File and line of a class: told by 3.13 and later, else that of its first method."""
    line = dict.get(space, "__firstlineno__")
    best = None
    for value in dict.values(space):
        if type(value) is FunctionType:
            code = FunctionType.__dict__["__code__"].__get__(value)
            if dict.get(space, "__module__") == FunctionType.__dict__["__module__"].__get__(value):
                if best is None or code.co_firstlineno < best[1]:
                    best = (code.co_filename, code.co_firstlineno)
    if type(line) is int:
        if best is not None:
            return (best[0], line)
        module = dict.get(space, "__module__")
        holder = dict.get(sys.modules, module) if type(module) is str else None
        if type(holder) is ModuleType:
            file = dict.get(_module_dict(holder), "__file__")
            if type(file) is str:
                return (file, line)
        return ("", 0)
    return best if best is not None and not best[0].startswith("<") else ("", 0)


_module_dict = ModuleType.__dict__["__dict__"].__get__


def _variable_name(variable):
    try:
        name = contextvars.ContextVar.__dict__["name"].__get__(variable)
    except (AttributeError, TypeError):
        return "?"
    return name if type(name) is str else "?"


def _locals_of(frame):
    """Local variables by name. Up to 3.12 the interpreter keeps the dict that it makes for this: it is emptied again."""
    values = frame.f_locals
    if type(values) is not dict:
        try:
            return dict(values) if type(values).__name__ == "FrameLocalsProxy" else {}
        except Exception:
            return {}
    if frame.f_code.co_flags & CO_OPTIMIZED and _IS_SNAPSHOT_LOCALS:
        copy = dict(values)
        if frame.f_trace is None:
            values.clear()
        return copy
    return dict(values) if frame.f_code.co_flags & CO_OPTIMIZED else {}


def _dicts_of_local(ref):
    """Behind a thread local: {weak reference to a thread's mark: that thread's dict}."""
    if type(ref) is not dict:
        return []
    values = list(dict.values(ref))
    if values and all(type(value) is dict for value in values) and all(_type_name(type(key)).rsplit(".", 1)[-1] in _LOCAL_MARKS for key in dict.keys(ref)):
        return values
    return []


_LOCAL_MARKS = ("weakref", "ReferenceType", "_localdummy")


# ---------------------------------------------------------------- what the process is


def _read(path):
    try:
        # Files of /proc come in small pieces: a buffered file asks until there is no more.
        with open(path, "rb") as file:
            return file.read(8 * MB).decode("utf-8", "replace")
    except OSError:
        return ""


def _rss():
    fields = _read("/proc/self/statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 1 else None


def _private_dirty():
    total = 0
    for line in _read("/proc/self/smaps_rollup").splitlines():
        if line.startswith("Private_Dirty:"):
            total += int(line.split()[1]) * 1024
    return total or None


def _number(text):
    text = text.strip()
    return int(text) if text.isdigit() else None


def headroom():
    """Bytes that can still be taken before the container or the machine is full; None where that cannot be known."""
    found = []
    for line in _read("/proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            found.append(int(line.split()[1]) * 1024)
    for line in _read("/proc/self/cgroup").splitlines():
        parts = line.split(":", 2)
        if len(parts) != 3:
            continue
        if parts[0] == "0":
            root, limit, usage = "/sys/fs/cgroup", "memory.max", "memory.current"
        elif "memory" in parts[1].split(","):
            root, limit, usage = "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        path = parts[2].rstrip("/")
        while True:
            # Inside of a container the path may be that of the host: the root of what is mounted then counts.
            most, used = _number(_read(root + path + "/" + limit)), _number(_read(root + path + "/" + usage))
            if most is not None and used is not None and most < 1 << 60:
                cached = 0
                for row in _read(root + path + "/memory.stat").splitlines():
                    if row.startswith(("inactive_file ", "total_inactive_file ")):
                        cached = int(row.split()[1])
                found.append(max(0, most - used + cached))
            if path == "":
                break
            path = path.rsplit("/", 1)[0]
    return min(found) if found else None


def _allocator():
    maps = _read("/proc/self/maps")
    for name in ("jemalloc", "tcmalloc", "mimalloc"):
        if name in maps:
            return name
    return "musl" if "ld-musl" in maps else "glibc" if "libc.so.6" in maps or "libc-2" in maps else None


def _settings():
    names = ("MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_", "MALLOC_CONF", "PYTHONMALLOC", "PYTHONTRACEMALLOC", "LD_PRELOAD")
    return ["%s=%s" % (name, os.environ[name]) for name in names if name in os.environ]


def _descriptors():
    """Open descriptors by what they are."""
    counts = {}
    try:
        names = os.listdir("/proc/self/fd")
    except OSError:
        return counts
    for name in names:
        try:
            target = os.readlink("/proc/self/fd/" + name)
        except OSError:
            continue
        kind = target.split(":", 1)[0] if not target.startswith("/") else "device" if target.startswith("/dev/") else "file"
        if kind == "anon_inode":
            kind = target.split(":", 1)[1].strip("[]")
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def _libc(name):
    if ctypes is None:
        return None
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):
        return None


def _mallinfo():
    """glibc's own account (2.33 and later): bytes in use, free and mapped, of all arenas."""
    function = _libc("mallinfo2")
    if function is None:
        return None
    names = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    record = type("mallinfo2", (ctypes.Structure,), {"_fields_": [(name, ctypes.c_size_t) for name in names]})
    function.restype = record
    info = function()
    return {"arenaBytes": info.arena, "usedBytes": info.uordblks, "freeBytes": info.fordblks, "mappedBytes": info.hblkhd}


def _pymalloc():
    """Arenas of Python's own allocator, from the text that it writes to descriptor 2: in the child only."""
    writer = getattr(sys, "_debugmallocstats", None)
    if writer is None or not hasattr(os, "memfd_create"):
        return None
    fd = os.memfd_create("stats")
    kept = os.dup(2)
    os.dup2(fd, 2)
    try:
        writer()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    text = os.pread(fd, 1 << 16, 0).decode("ascii", "replace")
    os.close(fd)
    found = {}
    for pattern, name in ((r"# bytes in allocated blocks\s*=\s*([\d,]+)", "usedBytes"), (r"# bytes in available blocks\s*=\s*([\d,]+)", "freeBytes"),
                          (r"arenas \* \d+ bytes/arena\s*=\s*([\d,]+)", "arenaBytes")):
        match = re.search(pattern, text)
        if match:
            found[name] = int(match.group(1).replace(",", ""))
    return found or None


def _header(mode, values):
    tracing = sys.modules.get("tracemalloc")
    is_tracing = tracing is not None and tracing.is_tracing()
    return {
        "schema": "stanch/python-gc@%d" % VERSION,
        "pid": os.getpid(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "monotonic": time.monotonic(),
        "startedAt": _started_at(),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "implementation": sys.implementation.name,
        "freeThreaded": not getattr(sys, "_is_gil_enabled", lambda: True)(),
        "argv": os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else "",
        "mode": mode,
        "values": values,
        "rss": _rss(),
        "headroom": headroom(),
        "allocator": _allocator(),
        "settings": _settings(),
        "allocatedBlocks": sys.getallocatedblocks() if hasattr(sys, "getallocatedblocks") else None,
        "gc": {"enabled": gc.isenabled(), "counts": gc.get_count(), "thresholds": gc.get_threshold(), "frozen": gc.get_freeze_count(),
               "stats": gc.get_stats(), "garbage": len(gc.garbage), "debug": gc.get_debug()},
        "tracemalloc": {"frames": tracing.get_traceback_limit(), "ownBytes": tracing.get_tracemalloc_memory()} if is_tracing else None,
        "descriptors": _descriptors(),
        "threads": len(sys._current_frames()),
    }


def _started_at():
    """Seconds since 1970 at which the process began: tells two processes with one pid apart."""
    fields = _read("/proc/self/stat").rsplit(")", 1)[-1].split()
    boot = re.search(r"^btime (\d+)", _read("/proc/stat"), re.M)
    return int(boot.group(1)) + int(fields[19]) // os.sysconf("SC_CLK_TCK") if len(fields) > 19 and boot else None


# ---------------------------------------------------------------- what only the living process can tell


def _threads():
    """Stacks of all threads with their local variables: a forked child has them no more."""
    names = {}
    active = dict.get(_module_dict(threading), "_active")
    for ident, thread in list(active.items()) if type(active) is dict else []:
        try:
            name = _plain_getattribute(thread, "_name")
        except AttributeError:
            name = None
        names[ident] = (thread, name if type(name) is str else "")
    told = []
    for ident, frame in itertools.islice(sys._current_frames().items(), MAX_THREADS):
        thread, name = names.get(ident, (None, ""))
        frames = []
        while frame is not None and len(frames) < MAX_FRAMES_OF_THREAD:
            if not (frame.f_globals is globals() and frame.f_code.co_filename == _OWN_FILE):
                frames.append((frame, frame.f_code, frame.f_lineno, _locals_of(frame)))
            frame = frame.f_back
        told.append((ident, name, thread, frames))
    return told


_OWN_FILE = _has_in_mro.__code__.co_filename


def _thread_locals():
    """Thread locals with the dicts of all threads, by address: a fork drops those of other threads.

    Looked for where they are kept: in modules, in classes, and in the attributes of both's objects. A list of all objects would find
    every one, but making it stops a million objects' service for 20 to 50 ms.
    """
    found = {}
    seen = set()
    layer = []
    for module in list(dict.values(sys.modules)):
        if type(module) is ModuleType:
            layer.extend(list(dict.values(_module_dict(module))))
    for depth in range(3):
        inner = []
        for value in layer:
            kind = type(value)
            if kind in _NEVER_HOLDERS or id(value) in seen or not gc.is_tracked(value):
                continue
            seen.add(id(value))
            if len(seen) > MAX_LOOKED_AT:
                return found
            if any(base is LocalType for base in _type_mro(kind)):
                spaces = []
                for ref in gc.get_referents(value):
                    spaces.extend(_dicts_of_local(ref))
                found[id(value)] = spaces
            elif _type_flags(kind) & FLAG_TYPE:
                inner.extend(list(dict.values(_underlying(value))))
            elif not _type_flags(kind) & (FLAG_LIST | FLAG_TUPLE | FLAG_DICT):
                for ref in gc.get_referents(value):
                    if type(ref) is dict and dict.__len__(ref) <= MAX_ATTRIBUTES:
                        inner.extend(list(dict.values(ref)))
                    else:
                        inner.append(ref)
        layer = inner
    return found


MAX_LOOKED_AT = 100000
_NEVER_HOLDERS = _Identities((FunctionType, CodeType, ModuleType, types.BuiltinFunctionType, types.MethodType, dict, list, tuple, set, frozenset,
                              str, int, property, staticmethod, classmethod, MemberType, GetSetType, _deque))


# ---------------------------------------------------------------- one dump


def _write_graph(stream, header, threads, held_locals, values, in_child):
    began_cpu = time.process_time()
    frozen = gc.get_freeze_count()
    if in_child and frozen:
        gc.unfreeze()
    objects = gc.get_objects()
    # What waits to be written is the agent's own, and different at each moment.
    mine = stream.parts
    for at, each in enumerate(objects):
        if each is mine:
            del objects[at]
            break
    each = None
    stream.json(b"H", header)
    writer = _Writer(stream, values, in_child)
    writer.held_locals = held_locals
    writer.told_frames = {}
    extra = [sys.modules]
    roots = {"modules": [], "threads": [], "interpreter": []}
    for name, module in list(dict.items(sys.modules)):
        if type(name) is str:
            roots["modules"].append([name, id(module)])
            extra.append(module)
    for ident, name, thread, frames in threads:
        rows = []
        for frame, code, line, values_ in frames:
            rows.append([id(frame), getattr(code, "co_qualname", code.co_name), code.co_filename, line,
                         [[key, id(value)] for key, value in values_.items() if type(key) is str]])
            writer.told_frames[id(frame)] = values_
            extra.extend(values_.values())
            extra.append(code)
        roots["threads"].append({"ident": ident, "name": name, "object": id(thread) if thread is not None else 0, "frames": rows})
    roots["interpreter"].append(["sys.modules", id(sys.modules)])
    tracked = len(objects)
    # The agent's own lists would look like holders of all local variables.
    own = [id(threads), id(extra), id(roots), id(writer), id(header), id(held_locals), id(stream)]
    for row in threads:
        own.append(id(row))
        own.append(id(row[3]))
        own.extend(map(id, row[3]))
        own.extend(id(each[3]) for each in row[3])
    own.extend(map(id, held_locals.values()))
    roots["own"] = own
    writer.run(objects, extra)
    if not values:
        writer.all_texts()
    stream.json(b"X", {"roots": roots, "facts": writer.facts})
    cost = {"cpuSeconds": round(time.process_time() - began_cpu, 3), "rssEnd": _rss(), "privateDirty": _private_dirty() if in_child else None}
    stream.json(b"Z", {"objects": writer.objects, "tracked": tracked, "references": writer.references, "blocks": stream.blocks + 1,
                       "errors": writer.errors, "frozen": frozen, "cost": cost})
    stream.flush()
    return {"objects": writer.objects, "tracked": tracked, "references": writer.references, "bytes": stream.bytes,
            "cost": cost}


def _task(task):
    """Where a task waits: the innermost frame of its coroutine's chain."""
    space = _type_dict(TaskType)
    chain = space["get_coro"](task) if "get_coro" in space else space["_coro"].__get__(task)
    name = space["get_name"](task) if "get_name" in space else ""
    is_done = _asyncio.Future.done(task)
    first = None
    stack = []
    waits = ""
    coroutine = id(chain)
    for _ in range(1000):
        attributes = GENERATORS.get(type(chain)) if type(chain) in (types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType) else None
        if attributes is None:
            waits = _type_text(type(chain)) if chain is not None else ""
            break
        kind = _type_dict(type(chain))
        frame = kind[attributes[0]].__get__(chain)
        code = kind[attributes[2]].__get__(chain)
        place = [getattr(code, "co_qualname", code.co_name), code.co_filename, frame.f_lineno if frame is not None else 0]
        if first is None:
            first = [place[0], code.co_filename, code.co_firstlineno]
        if len(stack) < 20:
            stack.append(place)
        chain = kind[attributes[3]].__get__(chain)
        if chain is None:
            break
    return [id(task), coroutine, name if type(name) is str else "", is_done, first or ["", "", 0], stack, waits]


def _open_new(path):
    """A file that did not exist, readable by its owner only, under a name that says it is unfinished."""
    part = "%s.part-%d" % (path, os.getpid())
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    fd = os.open(part, flags, stat.S_IRUSR | stat.S_IWUSR)
    os.fchmod(fd, stat.S_IRUSR | stat.S_IWUSR)
    return fd, part


def _publish(part, path):
    """Gives the finished file its name; never over another one."""
    try:
        os.link(part, path)
        os.unlink(part)
    except FileExistsError:
        raise Refused("%s exists" % path)
    except OSError:
        if os.path.lexists(path):
            raise Refused("%s exists" % path)
        os.rename(part, path)


def preflight(directory, mode="auto"):
    """What a dump would cost here and how it would be taken. Raises Refused when it should not be."""
    rss = _rss() or 0
    tracked = sum(gc.get_count()) + (gc.get_freeze_count() if hasattr(gc, "get_freeze_count") else 0)
    room = headroom()
    # Measured: reference counts touch most pages (50 to 70 % of RSS in the child), and the columns take about 100 MB for a million objects.
    fork_needs = int(rss * 0.8) + 64 * MB
    process_needs = int(rss * 0.5) + 64 * MB
    disk_needs = int(rss * 0.6) + 16 * MB
    space = os.statvfs(directory)
    free = space.f_bavail * space.f_frsize
    reason = None
    if free < disk_needs:
        raise Refused("needs about %d MB on the disk, %d MB are free" % (disk_needs // MB, free // MB))
    can_fork = hasattr(os, "fork") and sys.platform.startswith("linux")
    if not can_fork:
        reason = "no safe fork on " + sys.platform
    elif _is_greened():
        can_fork, reason = False, "gevent or eventlet replaced os.fork"
    elif room is not None and room < fork_needs:
        can_fork, reason = False, "a fork may take %d MB, %d MB are left" % (fork_needs // MB, room // MB)
    chosen = mode if mode != "auto" else "fork" if can_fork else "process"
    needs = fork_needs if chosen == "fork" else process_needs
    if room is not None and room < needs:
        raise Refused("needs about %d MB of memory, %d MB are left before the limit" % (needs // MB, room // MB))
    return {"mode": chosen, "why": reason, "rssBytes": rss, "headroomBytes": room, "memoryBytes": needs, "diskBytes": disk_needs,
            "diskFreeBytes": free, "pauseEstimateMs": int(10 + rss / MB * 0.05) if chosen == "fork" else int(rss / MB * 12), "generations": tracked}


def _is_greened():
    """A patched os.fork is Python code of gevent that runs hubs and callbacks."""
    return type(os.fork) is not types.BuiltinFunctionType


_lock = _thread.allocate_lock()
_state = {"directory": None, "last": None, "lastAt": None, "values": False, "mode": "auto", "cooldown": 60.0, "timeout": 120.0, "dumps": 0,
          "signal": None, "server": None, "tracing": False, "log": None, "forgets": False, "download": False, "restUntil": None,
          "lastCollection": None, "told": None}


def dump(path=None, values=None, mode=None):
    """Writes one dump and returns what it cost. The file is new, mode 0600, and has its name only when it is complete.

    Raises Refused when another dump runs or memory or disk are short.
    """
    if not _lock.acquire(False):
        raise Refused("a dump is being taken already")
    try:
        if path is None:
            if _state["directory"] is None:
                raise Refused("no directory: start(directory=...) or dump(path)")
            path = os.path.join(_state["directory"], "%d-%d%s" % (os.getpid(), int(time.time() * 1000), SUFFIX))
        result = _dump(path, _state["values"] if values is None else values, mode or _state["mode"])
        _state["last"] = result
        _state["lastAt"] = time.monotonic()
        _state["dumps"] += 1
        return result
    finally:
        _lock.release()


def dump_once(path, values=False, mode="auto"):
    """For a process that was not prepared: `exec(open("stanch_agent.py").read()); dump_once(path)`, as sys.remote_exec or a debugger does."""
    return dump(path, values, mode)


def _dump(path, values, mode):
    path = os.path.abspath(path)
    if os.path.lexists(path):
        raise Refused("%s exists" % path)
    plan = preflight(os.path.dirname(path), mode)
    # Python 3.12 warns at a fork with threads; the child does nothing but read memory and write its file.
    _keep_quiet()
    began = time.perf_counter()
    held_locals = _thread_locals()
    prescan_ms = (time.perf_counter() - began) * 1000
    header = _header(plan["mode"], bool(values))
    if plan["mode"] == "fork":
        result = _dump_in_child(path, values, header, held_locals)
    else:
        result = _dump_in_process(path, values, header, held_locals)
    result.update({"file": path, "mode": plan["mode"], "why": plan["why"], "prescanMs": round(prescan_ms, 1)})
    return result


_quiet = []


def _keep_quiet():
    if not _quiet and sys.version_info >= (3, 12):
        _quiet.append(True)
        warnings.filterwarnings("ignore", r"This process \(pid=\d+\) is multi-threaded", DeprecationWarning)


def _dump_in_process(path, values, header, held_locals):
    fd, part = _open_new(path)
    was_on = gc.isenabled()
    began = time.perf_counter()
    gc.disable()
    try:
        result = _write_graph(_Stream(fd), header, _threads(), held_locals, values, False)
        os.close(fd)
        fd = -1
        _publish(part, path)
    except BaseException:
        if fd >= 0:
            os.close(fd)
        _remove(part)
        raise
    finally:
        if was_on:
            gc.enable()
    result["stopMs"] = None
    result["totalMs"] = round((time.perf_counter() - began) * 1000, 1)
    return result


def _remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass


def _dump_in_child(path, values, header, held_locals):
    fd, part = _open_new(path)
    read_end, write_end = os.pipe()
    timeout = _state["timeout"]
    pid = -1
    try:
        began = time.perf_counter()
        threads = _threads()
        stacks_ms = (time.perf_counter() - began) * 1000
        pid = os.fork()
        if pid == 0:
            _child(fd, write_end, header, threads, held_locals, values, timeout)
        stop_ms = (time.perf_counter() - began) * 1000
        threads = None
        os.close(fd)
        fd = -1
        os.close(write_end)
        write_end = -1
        answer = _await_child(pid, read_end, timeout)
        if "error" in answer:
            raise Refused("the child failed: " + answer["error"])
        _publish(part, path)
        answer["stopMs"] = round(stop_ms, 1)
        answer["stacksMs"] = round(stacks_ms, 1)
        answer["totalMs"] = round((time.perf_counter() - began) * 1000, 1)
        return answer
    except BaseException:
        _remove(part)
        raise
    finally:
        for each in (fd, write_end, read_end):
            if each >= 0:
                os.close(each)


def _child(fd, write_end, header, threads, held_locals, values, timeout):
    """In the forked child: never returns, never lets an exception out, never runs handlers of the service."""
    code = 1
    try:
        # The kernel ends it whatever happens to the interpreter; signals of the service are none of its business.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(max(1, int(timeout)))
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)
        gc.disable()
        sys.settrace(None)
        sys.setprofile(None)
        header["forkMs"] = None
        # Sockets that the service closes must close for its clients too.
        _close_all_but((0, 1, 2, fd, write_end))
        _let_kernel_choose_us()
        try:
            os.nice(5)
        except OSError:
            pass
        header["pymalloc"] = _pymalloc()
        header["malloc"] = _mallinfo()
        header["trim"] = _trim_probe()
        result = _write_graph(_Stream(fd), header, threads, held_locals, values, True)
        os.fsync(fd)
        _tell(write_end, result)
        code = 0
    except BaseException as error:
        try:
            _tell(write_end, {"error": "%s: %s" % (type(error).__name__, str(error)[:200])})
        except BaseException:
            pass
    finally:
        os._exit(code)


def _close_all_but(kept):
    try:
        numbers = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        return
    for number in numbers:
        if number not in kept:
            try:
                os.close(number)
            except OSError:
                pass


def _let_kernel_choose_us():
    """When memory runs out the copy is to die, not the service."""
    try:
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(fd, b"1000")
        os.close(fd)
    except OSError:
        pass


def _trim_probe():
    """How much the C allocator would give back: tried on the copy, so that the service does not stand still."""
    trim = _libc("malloc_trim")
    if trim is None:
        return None
    before = _rss()
    trim(0)
    return {"before": before, "after": _rss()}


def _tell(fd, result):
    os.write(fd, json.dumps(result).encode("ascii"))


def _await_child(pid, read_end, timeout):
    """The child's answer; ends the child when it takes too long. Its exit code may have been taken by the service's own waiting."""
    deadline = time.monotonic() + timeout + 2
    os.set_blocking(read_end, False)
    data = b""
    killed = False
    while True:
        try:
            part = os.read(read_end, 65536)
            if not part:
                break
            data += part
            continue
        except BlockingIOError:
            pass
        if time.monotonic() > deadline:
            killed = True
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
            break
        time.sleep(0.01)
    status_ = None
    try:
        _, status_ = os.waitpid(pid, 0)
    except ChildProcessError:
        pass
    if killed:
        return {"error": "no end after %d s" % timeout}
    try:
        return json.loads(data)
    except ValueError:
        return {"error": "ended without an answer (status %s)" % status_}


# ---------------------------------------------------------------- triggers

# Signals that servers use for themselves. SIGURG is in no list but uWSGI's, and by default it is ignored: sent to a process
# without the agent, it does no harm.
SIGNALS_OF = {
    "gunicorn": "HUP QUIT INT TERM TTIN TTOU USR1 USR2 WINCH CHLD ABRT",
    "uvicorn": "INT TERM BREAK HUP TTIN TTOU",
    "hypercorn": "INT TERM BREAK HUP",
    "celery": "INT TERM QUIT HUP USR1 USR2",
    "uwsgi": "HUP TERM INT QUIT USR1 USR2 TSTP URG WINCH TTIN TTOU",
}


def start(directory, signal_number=getattr(signal, "SIGURG", None), port=None, host="127.0.0.1", token=None, values=False, mode="auto",
          cooldown=60.0, timeout=120.0, log=None, download=None):
    """Makes dumps possible in this process: by signal (in the main thread only) and, with `port`, over HTTP on `host`.

    Call it in each worker (gunicorn: post_fork, celery: worker_process_init). `directory` should belong to the service's user only.
    `cooldown` is the least number of seconds between two dumps; `log` is called with one line of text for each dump.
    With `download` (or STANCH_DOWNLOAD=1) whoever has the token may also fetch dumps over HTTP; without it they stay in the directory.
    """
    directory = os.path.abspath(directory)
    if not os.path.isdir(directory):
        raise Refused("%s is no directory" % directory)
    _state.update({"directory": directory, "values": values, "mode": mode, "cooldown": cooldown, "timeout": timeout, "log": log,
                   "download": os.environ.get("STANCH_DOWNLOAD", "").lower() in ("1", "true", "yes", "on") if download is None else bool(download)})
    if signal_number is not None:
        _on_signal(signal_number)
        _tell_status("armed")
    if port is not None:
        _state["server"] = serve(host, port, token)
    return status()


def stop():
    """Takes the signal handler and the port away."""
    if _state["signal"] is not None:
        signal.signal(_state["signal"], signal.SIG_DFL)
        _state["signal"] = None
        _forget_status(os.getpid())
    if _state["server"] is not None:
        _state["server"].shutdown()
        _state["server"].server_close()
        _state["server"] = None


def _on_signal(number):
    current = signal.getsignal(number)
    if current is _handle:
        return
    if current not in (signal.SIG_DFL, signal.SIG_IGN):
        raise Refused("signal %d is used by the program already" % number)
    name = signal.Signals(number).name[3:] if number in list(signal.Signals) else ""
    for server, used in SIGNALS_OF.items():
        if server in sys.modules and name in used.split():
            raise Refused("SIG%s belongs to %s" % (name, server))
    signal.signal(number, _handle)
    # A system call that was interrupted goes on by itself.
    signal.siginterrupt(number, False)
    _state["signal"] = number


def _handle(_number, _frame):
    # A lock may be held by the code that was interrupted, so this starts a bare thread and nothing else.
    _thread.start_new_thread(_dump_and_log, ())


def _dump_and_log():
    log = _state["log"]
    wish = _take_request()
    if wish.get("act") == "collect":
        _collect_and_tell(wish)
        return
    told = {"id": wish.get("id"), "state": "failed"}
    try:
        result = triggered()
        told.update({"state": "done", "path": result["file"]})
        line = "stanch: %s, %d objects, stood still %s ms" % (result["file"], result["objects"], result["stopMs"])
    except Refused as error:
        told.update({"state": "refused", "reason": str(error)})
        line = "stanch: no dump: %s" % error
    except Exception as error:
        told["reason"] = "%s: %s" % (type(error).__name__, error)
        line = "stanch: no dump: %s" % told["reason"]
    _tell_status("armed", told)
    if log is not None:
        try:
            log(line)
        except Exception:
            pass


def _collect_and_tell(wish):
    told = {"id": wish.get("id"), "state": "failed"}
    try:
        told.update(collect(trim=wish.get("trim") is True))
    except Refused as error:
        told.update({"state": "refused", "reason": str(error), "waitSeconds": error.wait})
    except Exception as error:
        told["reason"] = "%s: %s" % (type(error).__name__, error)
    _state["lastCollection"] = told
    _tell_status("armed")


# ---- what `stanch capture PID` looks for: a private folder with a status file, as the Ruby agent has it


OFFERS = ["dump", "collect"]
"""An agent that does not offer what a request wants would take a dump instead: who asks looks here first."""


def _status_folder():
    """STANCH_DIR, else /tmp/stanch-<uid>; made with 0700. None when it is somebody else's, or open to others."""
    folder = os.environ.get("STANCH_DIR") or "/tmp/stanch-%d" % os.geteuid()
    try:
        os.makedirs(folder, 0o700)
    except OSError:
        pass
    try:
        found = os.lstat(folder)
    except OSError:
        return None
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return folder if is_ours else None


def _tell_status(state, last=None):
    """Who we are and by which signal we are asked, for whoever may read this folder. Never raises: the service must come up."""
    try:
        folder = _status_folder()
        if folder is None or _state["signal"] is None:
            return
        fields = _read("/proc/self/stat").rsplit(")", 1)[-1].split()
        last = _state["told"] = last or _state["told"]
        since = _state["lastAt"]
        left = 0 if since is None else max(0, _state["cooldown"] - (time.monotonic() - since))
        told = {"schema": "stanch/python-agent@1", "pid": os.getpid(), "ppid": os.getppid(), "startTicks": int(fields[19]), "role": "python",
                "python": "%d.%d.%d" % sys.version_info[:3], "signal": signal.Signals(_state["signal"]).name[3:], "state": state,
                "directory": _state["directory"], "coolDownLeft": left, "last": last, "offers": OFFERS,
                "lastCollection": _state["lastCollection"]}
        path = os.path.join(folder, "stanch-%d.status.json" % os.getpid())
        part = "%s.%d" % (path, _thread.get_ident())
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            os.write(fd, json.dumps(told).encode("ascii"))
        finally:
            os.close(fd)
        os.rename(part, path)
        if not _state["forgets"]:
            _state["forgets"] = True
            atexit.register(_forget_status, os.getpid())
    except (OSError, ValueError, IndexError):
        pass


def _forget_status(pid):
    """A process that was forked from ours runs this as well, and has no file of its own to forget."""
    folder = _status_folder()
    if folder is not None and os.getpid() == pid:
        _remove(os.path.join(folder, "stanch-%d.status.json" % pid))


def _take_request():
    """The wish that was laid down before the signal; {} when there is none."""
    folder = _status_folder()
    if folder is None:
        return {}
    path = os.path.join(folder, "stanch-%d.request.json" % os.getpid())
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            wish = json.loads(os.read(fd, 65536).decode("utf-8", "replace"))
        finally:
            os.close(fd)
            _remove(path)
        return wish if type(wish) is dict else {}
    except (OSError, ValueError):
        return {}


def triggered():
    """A dump asked for from outside: not before the last one has cooled down."""
    since = _state["lastAt"]
    if since is not None and time.monotonic() - since < _state["cooldown"]:
        raise Refused("the last dump was %d s ago; wait %d s" % (time.monotonic() - since, _state["cooldown"]))
    return dump()


def status():
    """What the process is and what a dump would cost, without taking one."""
    told = {"pid": os.getpid(), "python": "%d.%d.%d" % sys.version_info[:3], "rssBytes": _rss(), "headroomBytes": headroom(), "gc": {
        "enabled": gc.isenabled(), "counts": gc.get_count(), "frozen": gc.get_freeze_count()}, "descriptors": _descriptors(), "threads":
        threading.active_count(), "allocator": _allocator(), "settings": _settings(), "dumps": _state["dumps"], "last": _state["last"],
        "signal": _state["signal"], "tracing": _state["tracing"], "download": _state["download"]}
    if _state["directory"] is not None:
        try:
            told["plan"] = preflight(_state["directory"], _state["mode"])
        except (Refused, OSError) as error:
            told["refused"] = str(error)
    return told


LEAST_WORK = 20
"""Of its time a process may be made to collect no more than one part in so many."""


def collect(trim=False):
    """A full collection, and with `trim` what glibc has free is given back to the system. Finalisers of the service run, as in any collection."""
    if not _lock.acquire(False):
        raise Refused("a dump of this process is being written")
    try:
        left = (_state["restUntil"] or 0) - time.monotonic()
        if left > 0:
            refused = Refused("collections may take a %dth of the time: %d s left" % (LEAST_WORK, left + 1))
            refused.wait = left
            raise refused
        began = time.monotonic()
        before = _alive()
        unreachable = gc.collect()
        malloc_trim = _libc("malloc_trim") if trim else None
        if malloc_trim is not None:
            malloc_trim(ctypes.c_size_t(0))
        took = time.monotonic() - began
        _state["restUntil"] = time.monotonic() + min(took * (LEAST_WORK - 1), _state["cooldown"])
        return {"pid": os.getpid(), "state": "done", "unreachable": unreachable, "tookMs": round(took * 1000, 1),
                "trimmed": malloc_trim is not None, "before": before, "after": _alive()}
    finally:
        _lock.release()


def _alive():
    """Blocks of CPython's own allocator: nearly every object is one, and a table or a text one more. Counting them costs nothing."""
    blocks = getattr(sys, "getallocatedblocks", None)
    return {"rss": _rss(), "liveBlocks": None if blocks is None else blocks()}


def trace(seconds=30, frames=1, path=None):
    """A tracemalloc window: on, wait, snapshot into `path` (a pickle, mode 0600), off. At most 120 seconds and 10 frames.

    While it is on, code that allocates much runs 3 to 13 times slower (1 frame; more with more), and each live block made then takes
    about 120 bytes more. The result says what was measured.
    """
    import tracemalloc

    if tracemalloc.is_tracing():
        raise Refused("tracemalloc is on already: its owner may not want it ended")
    if _state["tracing"] or not (0 < seconds <= 120) or not (1 <= frames <= 10):
        raise Refused("one window at a time, at most 120 seconds and 10 frames")
    room = headroom()
    if room is not None and room < (_rss() or 0) * 0.5 + 64 * MB:
        raise Refused("tracing may take half of the resident memory more; %d MB are left" % (room // MB))
    path = os.path.abspath(path or os.path.join(_state["directory"] or ".", "%d-%d.tracemalloc" % (os.getpid(), int(time.time() * 1000))))
    _state["tracing"] = True
    try:
        cpu, wall, rss = time.process_time(), time.monotonic(), _rss()
        tracemalloc.start(frames)
        deadline = wall + seconds
        own = 0
        while time.monotonic() < deadline:
            time.sleep(min(0.5, max(0.01, deadline - time.monotonic())))
            own = tracemalloc.get_tracemalloc_memory()
            if own > 256 * MB:
                break
        lasted = time.monotonic() - wall
        busy = (time.process_time() - cpu) / max(lasted, 0.001)
        snapshot = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
        _state["tracing"] = False
    fd, part = _open_new(path)
    os.close(fd)
    try:
        os.unlink(part)
        mask = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
        import pickle

        with os.fdopen(mask, "wb") as file:
            pickle.dump(snapshot, file, pickle.HIGHEST_PROTOCOL)
        _publish(part, path)
    except BaseException:
        _remove(part)
        raise
    return {"file": path, "seconds": round(lasted, 2), "frames": frames, "traces": len(snapshot.traces), "cpuShare": round(busy, 3),
            "ownBytes": own, "rssBefore": rss, "rssAfter": _rss()}


# ---------------------------------------------------------------- over HTTP

PREFIX = "/.stanch/"


def _answer(method, path, query, authorization, token):
    """(status, body) for a request; None when it is not for us. Without the right token everything looks as if it were not there."""
    if not path.startswith(PREFIX):
        return None
    given = authorization[7:] if authorization.startswith("Bearer ") else ""
    if not token or not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode("utf-8")):
        return 404, {"error": "not found"}
    name = path[len(PREFIX):]
    try:
        if name == "status" and method == "GET":
            return 200, status()
        wanted = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        if name == "dump" and method == "POST":
            # Workers share a port: whoever wants one of them asks until it is that one which answers.
            if int(wanted.get("pid", os.getpid())) != os.getpid():
                return 421, {"error": "this is another worker", "pid": os.getpid()}
            return 200, triggered()
        if name == "collect" and method == "POST":
            if int(wanted.get("pid", os.getpid())) != os.getpid():
                return 421, {"error": "this is another worker", "pid": os.getpid()}
            return 200, collect(trim=wanted.get("trim") in ("1", "true"))
        if name == "file" and method in ("GET", "DELETE"):
            return _handed_out(method, wanted.get("name", ""))
        if name == "trace" and method == "POST":
            return 200, trace(float(wanted.get("seconds", "30")), int(wanted.get("frames", "1")))
    except Refused as error:
        return 409, {"refused": str(error)}
    except (ValueError, OSError) as error:
        return 500, {"error": "%s: %s" % (type(error).__name__, error)}
    return 404, {"error": "not found"}


class _HandedOut:
    """A file in pieces; WSGI servers call `close`."""

    def __init__(self, fd):
        self.size = os.fstat(fd).st_size
        self._file = os.fdopen(fd, "rb")

    def __iter__(self):
        return iter(self.read, b"")

    def read(self):
        return self._file.read(65536)

    def close(self):
        self._file.close()


def _handed_out(method, name):
    """A dump of this directory by its bare name, nothing behind a link. That dumps leave the machine is said by itself: `download`."""
    if not _state["download"]:
        return 403, {"error": "dumps are not handed out: STANCH_DOWNLOAD is off"}
    number, _, rest = name.partition("-")
    if _state["directory"] is None or not number.isdigit() or not (rest.endswith(SUFFIX) and rest[:-len(SUFFIX)].isdigit()):
        return 404, {"error": "no such dump"}
    path = os.path.join(_state["directory"], name)
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return 404, {"error": "no such dump"}
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        os.close(fd)
        return 404, {"error": "no such dump"}
    if method == "DELETE":
        os.close(fd)
        os.unlink(path)
        return 200, {"name": name}
    return 200, _HandedOut(fd)


def _body_of(answer):
    """(type, length, pieces) of an answer's body; `pieces` of a file are to be closed."""
    if isinstance_of(answer, _HandedOut):
        return "application/octet-stream", answer.size, answer
    body = json.dumps(answer).encode("ascii")
    return "application/json", len(body), [body]


def _checked(token):
    if not isinstance(token, str) or len(token) < 16:
        raise ValueError("a token of at least 16 characters is needed")
    return token


_REASONS = {200: "OK", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 421: "Misdirected Request", 500: "Internal Server Error"}


class WsgiMiddleware:
    """Answers under /.stanch/ and hands everything else to `app`."""

    def __init__(self, app, token):
        self.app = app
        self.token = _checked(token)

    def __call__(self, environ, start_response):
        answer = _answer(environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""),
                         environ.get("HTTP_AUTHORIZATION", ""), self.token)
        if answer is None:
            return self.app(environ, start_response)
        kind, length, pieces = _body_of(answer[1])
        start_response("%d %s" % (answer[0], _REASONS[answer[0]]),
                       [("Content-Type", kind), ("Content-Length", str(length)), ("Cache-Control", "no-store")])
        return pieces


class AsgiMiddleware:
    """Answers under /.stanch/ and hands everything else to `app`. The event loop goes on while a dump is written."""

    def __init__(self, app, token):
        self.app = app
        self.token = _checked(token)

    async def __call__(self, scope, receive, send):
        if scope.get("type") != "http" or not scope.get("path", "").startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        import asyncio

        headers = {bytes(name).lower(): bytes(value) for name, value in scope.get("headers", ())}
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(
            None, _answer, scope["method"], scope["path"], scope.get("query_string", b"").decode("latin-1"),
            headers.get(b"authorization", b"").decode("latin-1"), self.token)
        kind, length, pieces = _body_of(answer[1])
        try:
            await send({"type": "http.response.start", "status": answer[0], "headers": [
                (b"content-type", kind.encode("ascii")), (b"content-length", str(length).encode("ascii")), (b"cache-control", b"no-store")]})
            if pieces is answer[1]:
                piece = await loop.run_in_executor(None, pieces.read)
                while piece:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    piece = await loop.run_in_executor(None, pieces.read)
                await send({"type": "http.response.body", "body": b""})
            else:
                await send({"type": "http.response.body", "body": pieces[0]})
        finally:
            if pieces is answer[1]:
                pieces.close()


def serve(host="127.0.0.1", port=0, token=None):
    """A small HTTP server on a thread of its own; returns it (`server_address` tells the port). For services without a web framework."""
    from http.server import BaseHTTPRequestHandler, HTTPServer

    token = _checked(token)

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def reply(self):
            path, _, query = self.path.partition("?")
            answer = _answer(self.command, path, query, self.headers.get("Authorization", ""), token) or (404, {"error": "not found"})
            kind, length, pieces = _body_of(answer[1])
            try:
                self.send_response(answer[0])
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                for piece in pieces:
                    self.wfile.write(piece)
            finally:
                if pieces is answer[1]:
                    pieces.close()

        do_GET = do_POST = do_DELETE = reply

        def log_message(self, *_):
            pass

    server = HTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="stanch", daemon=True).start()
    return server
