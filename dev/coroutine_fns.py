#!/usr/bin/env python3
# coroutine_fns.py - compares the marks coroutine_fn with what may suspend
#
#	dev/coroutine_fns.py BUILD [SOURCE ...]	prints what is wrong
#	dev/coroutine_fns.py --mark BUILD	adds the marks that are missing
#
# BUILD is a configured build tree.  gcc compiles each source, without any
# named those of lib/, worker/ and cgi-bin/, with coroutine_fn as two
# attributes that it has nowhere else:
#
# - ms_abi, another calling convention, so that types differ: a prototype and
#   its definition must agree, a function that may suspend can only be assigned
#   to a pointer that is marked, and so never become a timer's callback;
# - deprecated, so that each use of a marked pointer is reported.
#
# From -fcallgraph-info come the calls.  A function may suspend when it is
# co_yield(), calls one that may, or calls through a marked pointer.  Exactly
# those are marked, and those that a marked pointer may point to.  A comment
# "coroutine_fn: NAME ..." names functions that a library declares.

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

ROOT = "co_yield"
MARK = "coroutine_fn"
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = ("lib", "worker", "cgi-bin")


def read(path):
    with open(os.path.join(TOP, path)) as f:
        return f.read()


def sources(*ends):
    found = []
    for folder in FOLDERS:
        for at, _, names in os.walk(os.path.join(TOP, folder)):
            found += [os.path.relpath(os.path.join(at, n), TOP)
                      for n in names if n.endswith(ends)]
    return sorted(found)


def relative(path, build):
    return os.path.relpath(os.path.join(build, path), TOP)


def compile_flags(build):
    ask = "include Makefile\nask:\n\t@echo $(DEFS) $(DEFAULT_INCLUDES) " \
        "$(AM_CPPFLAGS) $(VIPS_CFLAGS)\n"
    # A make above this one would have its flags taken over, and its folder
    # announced among the output.
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    out = subprocess.run(["make", "-s", "--no-print-directory", "-C", build,
                          "-f", "-", "ask"], input=ask, env=env,
                         capture_output=True, text=True, check=True).stdout
    # The last line: before it Makefile itself may have been made again.
    return out.rstrip("\n").split("\n")[-1].split()


class Unit:
    """What gcc says of one source."""
    def __init__(self, source, build, flags, tmp):
        self.source = source
        ci = os.path.join(tmp, source.replace("/", "_"))
        attrs = '__attribute__((ms_abi,deprecated("%s")))' % MARK
        cmd = ["gcc", *flags, "-D%s=%s" % (MARK, attrs), "-std=gnu11", "-O0",
               "-fdiagnostics-column-unit=byte", "-S", "-o", os.devnull,
               "-fcallgraph-info", "-dumpdir", tmp + "/", "-dumpbase",
               os.path.basename(ci), os.path.join(TOP, source)]
        env = dict(os.environ, LC_ALL="C")
        done = subprocess.run(cmd, cwd=build, env=env, capture_output=True,
                              text=True, check=False)
        self.complaints = []            # (file, line, column, text)
        self.uses = set()               # (function or None, marked name)
        where = None
        for line in done.stderr.splitlines():
            m = re.match(r"\S+: In function '(\w+)':$", line)
            if m:
                where = m.group(1)
            elif line.endswith(": At top level:"):
                where = None
            m = re.match(r"(\S+?):(\d+):(\d+): (?:warning|error|fatal error): "
                         r"(.*)", line)
            if not m:
                continue
            used = re.match(r"'(\w+)' is deprecated: %s " % MARK, m.group(4))
            if used:
                self.uses.add((where, used.group(1)))
                continue
            self.complaints.append((
                relative(m.group(1), build), int(m.group(2)),
                int(m.group(3)), "%s, %s: %s" % (source, where or "top level",
                                                 m.group(4))))
        if done.returncode != 0 and not self.complaints:
            raise SystemExit(done.stderr)
        self.defined = {}               # function: (file, line)
        self.calls = []                 # (function, function)
        self.through = []               # (function, pointer or None)
        ci += ".ci"
        if os.path.exists(ci):
            with open(ci) as f:
                self.graph(f.read(), build)

    def graph(self, text, build):
        """Functions are FILE:NAME if static, NAME if not."""
        def name(title):
            file, colon, fn = title.rpartition(":")
            return relative(file, build) + ":" + fn if colon else fn

        for m in re.finditer(r'node: { title: "(.*?)" label: "\w+\\n(.*?):'
                             r'(\d+):\d+" }', text):
            self.defined[name(m.group(1))] = (relative(m.group(2), build),
                                              int(m.group(3)))
        for m in re.finditer(r'edge: { sourcename: "(.*?)" targetname: '
                             r'"(.*?)" label: "(.*?):(\d+):(\d+)"', text):
            if m.group(2) == "__indirect_call":
                self.through.append((name(m.group(1)), self.pointer(
                    relative(m.group(3), build), int(m.group(4)),
                    int(m.group(5)))))
            else:
                self.calls.append((name(m.group(1)), name(m.group(2))))

    @staticmethod
    def pointer(file, line, column):
        """The last name of what is called there; None: cannot be told."""
        text = read(file).split("\n")[line - 1][column - 1:]
        m = re.match(r"\(*\**(?:\w+(?:\[[^]]*\])?(?:->|\.))*(\w+)\)*\(", text)
        return m.group(1) if m else None


class Tree:
    def __init__(self, build, files):
        flags = compile_flags(build)
        with tempfile.TemporaryDirectory() as tmp, \
                concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            self.units = list(pool.map(
                lambda s: Unit(s, build, flags, tmp), files))
        self.defined = {}
        for u in self.units:
            self.defined.update(u.defined)
        self.foreign = set()
        for file in files:
            for m in re.finditer(r"^ \* %s: (.*)$" % MARK, read(file), re.M):
                self.foreign.update(m.group(1).split())
        self.marked = {f for f in self.defined if self.has_mark(f)}
        self.suspends = self.closure()

    def has_mark(self, fn):
        """In its definition, before its name."""
        file, line = self.defined[fn]
        lines = read(file).split("\n")[line - 2:line]
        head = lines[1].split(fn.rpartition(":")[2] + "(")[0]
        return MARK in (head or lines[0]).split()

    def closure(self):
        may = {ROOT} | self.foreign
        callers = {}
        for u in self.units:
            for a, b in u.calls:
                callers.setdefault(b, set()).add(a)
                # In a source that was not read, and marked.
                if b not in self.defined and (a.rpartition(":")[2],
                                              b) in u.uses:
                    may.add(b)
            for a, pointer in u.through:
                fn = a.rpartition(":")[2]
                marked = {n for f, n in u.uses if f == fn}
                if pointer in marked or pointer is None and marked:
                    may.add(a)
        todo = list(may)
        while todo:
            for a in callers.get(todo.pop(), ()):
                if a not in may:
                    may.add(a)
                    todo.append(a)
        return may

    def address_taken(self, fn):
        name = fn.rpartition(":")[2]
        for u in self.units:
            called = {a.rpartition(":")[2] for a, b in u.calls if b == fn}
            # A static function's name may be another's in another file.
            if ":" in fn and not fn.startswith(u.source + ":"):
                continue
            if any(n == name and f not in called for f, n in u.uses):
                return True
        return False

    def missing(self):
        return sorted(f for f in self.suspends - self.marked - self.foreign
                      if f in self.defined)

    def needless(self):
        return sorted(f for f in self.marked - self.suspends
                      if not self.address_taken(f))

    def complaints(self):
        return sorted({c for u in self.units for c in u.complaints})

    def faults(self):
        for fn in self.missing():
            yield "%s:%d: %s may suspend and is not marked" % (
                *self.defined[fn], fn.rpartition(":")[2])
        for fn in self.needless():
            yield "%s:%d: %s is marked and cannot suspend" % (
                *self.defined[fn], fn.rpartition(":")[2])
        for file, line, _, text in self.complaints():
            yield "%s:%d: %s" % (file, line, text)


# --- adding marks

WIDTH = 80


def columns(line):
    return len(line.expandtabs(8))


def wrap(text):
    """A declaration, broken after commas and before attributes."""
    lines = []
    for word in re.split(r"(?<=,) | (?=MUSTCHECK|__attribute__)", text):
        if lines and columns(lines[-1] + " " + word) <= WIDTH:
            lines[-1] += " " + word
        else:
            lines.append("    " + word if lines else word)
    return lines


def mark_definition(file, line, name):
    lines = read(file).split("\n")
    if not lines[line - 1].startswith(name + "("):
        return False
    m = re.match(r"(static )?(.*)", lines[line - 2])
    lines[line - 2] = (m.group(1) or "") + MARK + " " + m.group(2)
    write(file, "\n".join(lines))
    return True


def mark_prototypes(file, name):
    """Those of name at the beginning of a line; rewraps them."""
    def marked(m):
        static, kind, rest, comment = m.groups()
        head = (static or "") + MARK + " " + " ".join(kind.split())
        text = head + ("" if head.endswith("*") else " ") + name + \
            re.sub(r"\s*\n\s*", " ", rest)
        lines = wrap(text)
        if comment and columns(lines[-1] + comment) <= WIDTH:
            lines[-1] += comment
        elif comment:
            lines.insert(0, comment.strip())
        return "\n".join(lines)

    old = read(file)
    new = re.sub(r"^(static )?((?:struct |enum |const |unsigned )*\w+[ \t*]+)"
                 + name + r"(\((?:[^;{}]|\n)*?;)([ \t]*/\*[^\n]*\*/)?$",
                 lambda m: m.group(0) if MARK in m.group(2) else marked(m),
                 old, flags=re.M)
    if new != old:
        write(file, new)


def write(path, text):
    with open(os.path.join(TOP, path), "w") as f:
        f.write(text)


def add_marks(tree):
    """True if some were added: others may be seen to be missing then."""
    todo = set(tree.missing())
    by_name = {}
    for fn in tree.defined:
        by_name.setdefault(fn.rpartition(":")[2], []).append(fn)
    # Assigned to a pointer that is marked.
    for file, line, column, text in tree.complaints():
        if not re.search(r"ms_abi.* from incompatible pointer type|to "
                         r"'[^']*ms_abi|but argument is of type", text):
            continue
        m = re.match(r"\w+", read(file).split("\n")[line - 1][column - 1:])
        for fn in by_name.get(m.group(0), ()) if m else ():
            if ":" not in fn or fn.startswith(file + ":"):
                todo.add(fn)
    todo -= tree.marked
    # No line is added by this, so the others stay where they are.
    todo = {f for f in todo
            if mark_definition(*tree.defined[f], f.rpartition(":")[2])}
    for fn in todo:
        name = fn.rpartition(":")[2]
        for file in [tree.defined[fn][0]] + \
                ([] if ":" in fn else sources(".h")):
            mark_prototypes(file, name)
    return bool(todo)


def main():
    args = [a for a in sys.argv[1:] if a != "--mark"]
    build = os.path.abspath(args[0])
    files = args[1:] or sources(".c")
    tree = Tree(build, files)
    if "--mark" in sys.argv:
        while add_marks(tree):
            tree = Tree(build, files)
    for fault in tree.faults():
        print(fault)


main()
