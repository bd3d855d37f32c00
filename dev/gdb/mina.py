# mina.py - lists the coroutines of a program and prints their C backtraces
#
#	gdb -x dev/gdb/mina.py -p PID
#	gdb -x dev/gdb/mina.py PROGRAM CORE
#	(gdb) mina co			all coroutines, oldest first
#	(gdb) mina bt ADDRESS		the backtrace of one of them
#	(gdb) mina bt all		..of each
#
# For gdb 11 or later with Python, on x86_64.  It reads mina_post_mortem
# (lib/base/postmortem.h) and struct co (lib/base/co.c), so the program needs
# its debug information.
#
# A coroutine that waits has its registers in a sigjmp_buf.  glibc stores those
# that are addresses rotated and xored with a secret of the thread (PTR_MANGLE
# in its sysdeps), which is read from the thread and taken off again.  The
# backtrace is gdb's own: an unwinder tells it that the innermost frame was
# called from the place in the jmp_buf.  Nothing is written to the process, so
# a core does as well.  The idea, not the code, is from QEMU's coroutine.py.

import gdb
from gdb.unwinder import Unwinder, register_unwinder

MAGIC = "MINA POST MORTEM 1"
# In __jmpbuf, by glibc's jmpbuf-offsets.h; those marked are mangled.
REGS = (("rbx", 0, False), ("rbp", 1, True), ("r12", 2, False),
        ("r13", 3, False), ("r14", 4, False), ("r15", 5, False),
        ("rsp", 6, True), ("rip", 7, True))
GUARD = 0x30                    # of the thread's control block (tcbhead_t)
MASK = (1 << 64) - 1


def post_mortem():
    pm = gdb.parse_and_eval("mina_post_mortem")
    if pm.type.code != gdb.TYPE_CODE_STRUCT:
        raise gdb.GdbError("no debug information in this program")
    if pm["magic"].string() != MAGIC:
        raise gdb.GdbError("this is another version's mina_post_mortem")
    return pm


def coroutines():
    """struct co * of each, oldest first."""
    co_ptr = gdb.lookup_type("struct co").pointer()
    co = post_mortem()["all"].cast(co_ptr)
    while int(co) != 0:
        yield co
        co = co["next"]


def now():
    """Milliseconds by the loop's clock, as of its last turn; or None."""
    loop = post_mortem()["loop"]
    if int(loop) == 0:
        return None
    uv_loop = gdb.lookup_type("struct uv_loop_s").pointer()
    return int(loop.cast(uv_loop)["time"])


def text(value):
    return value.string() if int(value) != 0 else "-"


def describe(co):
    """One line, with the fields that SIGUSR2 writes."""
    info = co["info"]
    t = now()

    def ago(since):
        return "-" if t is None else str(t - int(since))

    state = "running" if int(co) == int(post_mortem()["running"]) else \
        text(info["wait"])
    return 'co=%#x req=%s fn=%s from=%s age_ms=%s work="%s" wait="%s" at=%s ' \
        'since_ms=%s' % (int(co), info["id"].string() or "-",
                         text(info["fn"]), text(info["from"]),
                         ago(info["born"]), text(info["work"]), state,
                         text(info["at"]), ago(info["since"]))


def registers(co):
    """What a waiting coroutine goes on with."""
    arch = gdb.selected_frame().architecture().name()
    if not arch.startswith("i386:x86-64"):
        raise gdb.GdbError("no backtraces of coroutines on %s" % arch)
    ulong = gdb.lookup_type("unsigned long")
    guard = int(gdb.parse_and_eval("$fs_base")) + GUARD
    guard = int(gdb.Value(guard).cast(ulong.pointer()).dereference())
    saved = co["here"][0]["__jmpbuf"]
    regs = {}
    for name, i, mangled in REGS:
        v = int(saved[i]) & MASK
        if mangled:
            v = (v >> 17 | v << 47) & MASK ^ guard
        regs[name] = v
    return regs


class FrameId:
    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class Caller(Unwinder):
    """While regs is set, they are where the innermost frame returns to."""
    def __init__(self):
        super().__init__("mina-coroutine")
        self.regs = None

    def __call__(self, frame):
        if self.regs is None or frame.level() != 0:
            return None
        # Below the coroutine's frames, or they would seem to be corrupt.
        info = frame.create_unwind_info(FrameId(
            gdb.Value(self.regs["rsp"] - 16), gdb.Value(self.regs["rip"])))
        ulong = gdb.lookup_type("unsigned long")
        for name, v in self.regs.items():
            info.add_saved_register(name,
                                    gdb.Value(v.to_bytes(8, "little"), ulong))
        return info


caller = Caller()
register_unwinder(None, caller, replace=True)


def running_backtrace():
    """The loop's thread is the first of the process."""
    was = gdb.selected_thread()
    for thread in gdb.selected_inferior().threads():
        if thread.ptid[0] == thread.ptid[1]:
            thread.switch()
    try:
        return gdb.execute("bt", to_string=True)
    finally:
        was.switch()


def backtrace(co):
    print(describe(co))
    if int(co["started"]) == 0:
        print("  it has not begun")
        return
    if int(co) == int(post_mortem()["running"]):
        print(running_backtrace())
        return
    regs = registers(co)
    low = int(co["map"])
    if not low < regs["rsp"] < low + (1 << 20):
        raise gdb.GdbError("the jmp_buf of %#x makes no sense" % int(co))
    caller.regs = regs
    gdb.invalidate_cached_frames()
    try:
        lines = gdb.execute("bt", to_string=True).splitlines()
    finally:
        caller.regs = None
        gdb.invalidate_cached_frames()
    # In front is the thread's own frame; behind, what makecontext() left.
    while lines and not lines[0].startswith("#1 "):
        lines.pop(0)
    for line in lines:
        print(line)
        if " trampoline (" in line:
            break
    print()


class Mina(gdb.Command):
    """Coroutines: mina co, mina bt ADDRESS, mina bt all."""
    def __init__(self):
        super().__init__("mina", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        argv = gdb.string_to_argv(arg)
        if argv == ["co"]:
            n = 0
            for co in coroutines():
                print(describe(co))
                n += 1
            print("%d coroutines" % n)
        elif argv == ["bt", "all"]:
            for co in coroutines():
                backtrace(co)
        elif len(argv) == 2 and argv[0] == "bt":
            at = int(gdb.parse_and_eval(argv[1]))
            for co in coroutines():
                if int(co) == at:
                    backtrace(co)
                    return
            raise gdb.GdbError("no coroutine at %s" % argv[1])
        else:
            raise gdb.GdbError(self.__doc__)


Mina()
