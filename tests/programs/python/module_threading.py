# Locks, thread-local data and the identity of the one thread that there is.
# stress: 2000
import threading
import _thread

lock = threading.Lock()
print(lock.acquire(), lock.locked(), lock.acquire(False), lock.acquire(timeout=0.001))
lock.release()
print(lock.locked(), repr(lock).startswith('<unlocked _thread.lock object at 0x'))
with lock:
    print(lock.locked())
print(lock.locked())
try:
    lock.release()
except RuntimeError as e:
    print(e)
for arguments in ((False, 1), (True, -2)):
    try:
        lock.acquire(*arguments)
    except ValueError as e:
        print(e)

rlock = threading.RLock()
with rlock:
    with rlock:
        print(rlock._is_owned())
    print(rlock._is_owned())
print(rlock._is_owned(), repr(rlock)[:27])
try:
    rlock.release()
except RuntimeError as e:
    print(e)

local = threading.local()
local.x = 1
print(local.x, hasattr(local, 'y'), vars(local))


class Counted(threading.local):
    made = 0

    def __init__(self, start=0):
        type(self).made += 1
        self.count = start


counted = Counted(5)
counted.count += 1
print(counted.count, Counted.made)

main = threading.main_thread()
print(threading.current_thread() is main, main.name, main.is_alive(), main.daemon, threading.active_count())
print(threading.get_ident() == main.ident == _thread.get_ident(), threading.enumerate() == [main])
print(type(threading.get_native_id()).__name__)

event = threading.Event()
print(event.is_set(), event.wait(0.001))
event.set()
print(event.is_set(), event.wait())

condition = threading.Condition()
with condition:
    print(condition.wait(0.001), condition.wait_for(lambda: True))
    condition.notify_all()
try:
    condition.notify()
except RuntimeError as e:
    print(e)

semaphore = threading.BoundedSemaphore(2)
print(semaphore.acquire(), semaphore.acquire(), semaphore.acquire(blocking=False))
semaphore.release(2)
try:
    semaphore.release()
except ValueError as e:
    print(e)

timer = threading.Timer(1, print)
timer.cancel()
thread = threading.Thread(target=print, name='worker', daemon=True)
print(thread.name, thread.daemon, thread.is_alive(), thread.ident)
try:
    thread.join()
except RuntimeError as e:
    print(e)

import queue
q = queue.Queue(2)
q.put(1)
q.put(2)
print(q.full(), q.get(), q.get_nowait(), q.empty())
try:
    q.get(timeout=0.001)
except queue.Empty:
    print('empty')
print(threading.TIMEOUT_MAX > 1e6)
