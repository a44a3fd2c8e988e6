import errno
import os
import stat
import sys
import time

print(os.name, os.sep, os.getcwd() == os.path.abspath('.'), os.getpid() > 0, os.path.join('a', 'b'), os.path.splitext('x.tar.gz'))
base = '/tmp/ouro_module_os_%d' % os.getpid()
os.mkdir(base)
os.makedirs(base + '/x/y')
open(base + '/file', 'w').close()
print(sorted(os.listdir(base)), os.path.isdir(base), os.path.isfile(base + '/file'), sorted(e.name for e in os.scandir(base) if e.is_dir()))
os.rename(base + '/file', base + '/moved')
os.symlink('moved', base + '/link')
print(os.readlink(base + '/link'), os.path.islink(base + '/link'), stat.filemode(os.stat(base).st_mode), stat.S_ISDIR(os.stat(base).st_mode))
print([(d.replace(base, ''), sorted(n), sorted(f)) for d, n, f in os.walk(base)])
os.utime(base + '/moved', (1000, 2000))
s = os.stat(base + '/moved')
print(s.st_mtime, s[8], s.st_mtime_ns, s.st_size, type(s).__name__, len(s))
os.unlink(base + '/link')
os.remove(base + '/moved')
os.removedirs(base + '/x/y')
print(os.path.exists(base))
try:
    os.stat(base)
except FileNotFoundError as e:
    print(e.errno == errno.ENOENT, e.filename == base, errno.errorcode[e.errno], e.strerror)
os.environ['OURO_TEST'] = 'value'
print(os.environ['OURO_TEST'], os.getenv('OURO_TEST'), os.environ.get('OURO_MISSING'), 'OURO_TEST' in os.environ)
del os.environ['OURO_TEST']
print(os.getenv('OURO_TEST', 'gone'), len(os.urandom(8)), os.fspath('p'), os.fsencode('é'), os.fsdecode(b'\xc3\xa9'))
r, w = os.pipe()
print(os.write(w, b'through'), os.read(r, 100))
os.close(r)
os.close(w)
print(os.strerror(2), os.cpu_count() > 0, os.access('/', os.R_OK), os.terminal_size((80, 24)))

t = time.gmtime(0)
print(t, t.tm_year, t[:3], time.strftime('%Y-%m-%d %H:%M:%S %j %a %b %U %w', t), time.asctime(t))
print(time.gmtime(951782400), time.strftime('%G-W%V-%u', time.gmtime(1609459200)), time.gmtime(-1)[:6])
before = time.monotonic()
time.sleep(0.01)
print(time.monotonic() - before >= 0.01, time.time() > 1.6e9, time.perf_counter_ns() > 0, time.process_time() > 0)
print(time.mktime(time.localtime(1e9)) == 1e9, isinstance(time.tzname, tuple), time.get_clock_info('monotonic').monotonic)
for call in ('time.sleep(-1)', 'time.sleep("a")', 'time.strftime(5)', 'time.gmtime("x")'):
    try:
        print(eval(call))
    except Exception as e:
        print(type(e).__name__, e)

print(sys.version_info[:2], sys.version_info >= (3, 11), sys.version_info.major, sys.version_info.releaselevel, sys.hexversion >> 16 == 0x30b)
print(sys.implementation.name, sys.maxsize, sys.maxunicode, sys.byteorder, sys.platform, sys.getdefaultencoding())
print(sys.float_info.max, sys.float_info.dig, sys.int_info.bits_per_digit, sys.hash_info.modulus, sys.flags.optimize, sys.flags.debug)
print(sys.getrecursionlimit(), sys.intern('a b') is sys.intern('a' + ' b'), sys.exc_info(), len(sys.argv), 'sys' in sys.modules)
try:
    1 / 0
except ZeroDivisionError:
    kind, value, trace = sys.exc_info()
    print(kind, value, trace.tb_lineno, sys.exception() is value)
print(sys.exc_info(), type(sys.stdout).__name__, sys.stdout.name, sys.stderr.name, sys.stdin.name)
try:
    sys.exit('message')
except SystemExit as e:
    print(repr(e), e.code)
try:
    sys.exit()
except SystemExit as e:
    print(repr(e), e.code)
sys.displayhook([1])
sys.displayhook(None)


def caller():
    return sys._getframe(1).f_code.co_name


def outer():
    return caller()


print(outer(), sys._getframe().f_lineno > 0, 'math' in sys.builtin_module_names or True)
try:
    sys.setrecursionlimit(0)
except ValueError as e:
    print(e)
try:
    os.fsync(9999)
except OSError as error:
    print('fsync', error.errno)
