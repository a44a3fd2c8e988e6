# Programs that are started, waited for and talked to.
# stress: 2000
import grp
import os
import pwd
import select
import subprocess
print(subprocess.run(['echo', 'hi'], capture_output=True, text=True))
print(subprocess.check_output('echo $FOO; exit 0', shell=True, env={'FOO': 'bar'}))
p = subprocess.Popen(['cat'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(p.communicate(b'x' * 200000)[0] == b'x' * 200000, p.returncode)
print(subprocess.run(['sh', '-c', 'echo err >&2; exit 3'], stderr=subprocess.PIPE).stderr)
print(subprocess.run(['sh', '-c', 'echo out; echo err >&2'], stderr=subprocess.STDOUT, stdout=subprocess.PIPE).stdout)
for a in (dict(args=['/nonexistent']), dict(args=['ls'], cwd='/nonexistent'), dict(args=['/etc/passwd'])):
    try: subprocess.run(**a)
    except OSError as e: print(type(e).__name__, e, e.filename)
try: subprocess.run(['sleep', '5'], timeout=0.1)
except subprocess.TimeoutExpired as e: print(e.cmd)
try: subprocess.run(['false'], check=True)
except subprocess.CalledProcessError as e: print(e)
print(subprocess.run(['pwd'], cwd='/usr', capture_output=True).stdout)
p = subprocess.Popen(['sleep', '10']); p.kill(); print(p.wait())
r, w = os.pipe()
print(select.select([r], [w], [], 0.01)[1] == [w]); os.write(w, b'1'); print(select.select([r], [], [], 1)[0] == [r])
print(pwd.getpwuid(0).pw_name, pwd.getpwnam('root').pw_dir, grp.getgrgid(0).gr_name, tuple(pwd.getpwuid(0))[:3])
print(os.path.expanduser('~root'))
for f, a in ((pwd.getpwnam, 'no such user'), (pwd.getpwuid, 987654), (grp.getgrnam, 'nope')):
    try: f(a)
    except KeyError as e: print(e)
p1 = subprocess.Popen(['printf', 'b\na\n'], stdout=subprocess.PIPE)
p2 = subprocess.Popen(['sort'], stdin=p1.stdout, stdout=subprocess.PIPE)
p1.stdout.close()
print(p2.communicate()[0])
print(subprocess.getstatusoutput('exit 4'))
status = os.system('exit 5')
print(os.WIFEXITED(status), os.WEXITSTATUS(status), os.waitstatus_to_exitcode(status), os.waitstatus_to_exitcode(9))
