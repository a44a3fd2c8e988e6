# Importing modules that go wrong: the messages are those of CPython.
import importlib, importlib.machinery, importlib.util, sys, warnings
warnings.simplefilter('always')
warnings.showwarning = lambda m, c, *a: print(c.__name__, m)
folder = sys.argv[1]
def try_import(name):
    try:
        m = importlib.import_module(name)
        print(name, m.__name__, getattr(m, 'answer', None))
        return m
    except BaseException as e:
        text = str(e).replace(folder, '<folder>')
        print(name, type(e).__name__, text, *(['<-', repr(e.__cause__)] if e.__cause__ else []), getattr(e, 'name', None), name in sys.modules)
for name in '''silent loud unreported number exec_fails exec_silent exec_unreported unknown_slot create_null create_error
        create_twice negative_size single_with_slots old_api absent_init not_elf empty_file bad_symbol wrong_tag nameless_type bad_spec final_base nothing_at_all good bücher été'''.split():
    try_import(name)
# By its path, whatever the file is called.
def by_path(name, file):
    spec = importlib.util.spec_from_file_location(name, folder + '/' + file, loader=importlib.machinery.ExtensionFileLoader(name, folder + '/' + file))
    try:
        m = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(m)
        print(file, m.__name__, m.answer)
    except BaseException as e:
        print(file, type(e).__name__, str(e).replace(folder, '<folder>'))
by_path('good', 'good.so')
by_path('good', 'no_such_file.so')
by_path('other', 'good.so')
# Nothing that failed stays behind; a second try says the same.
try_import('silent'); try_import('exec_fails')
