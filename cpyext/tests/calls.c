/* A module that uses every calling convention and the common parts of the interface. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

static PyObject *noargs(PyObject *m, PyObject *n) { Py_RETURN_NONE; }
static PyObject *onearg(PyObject *m, PyObject *o) { return Py_NewRef(o); }
static PyObject *varargs(PyObject *m, PyObject *a) {
    PyObject *x, *y = Py_None;
    int i = 7;
    const char *s = "none";
    if (!PyArg_ParseTuple(a, "O|Ois:varargs", &x, &y, &i, &s)) return NULL;
    return Py_BuildValue("(OOis)", x, y, i, s);
}
static PyObject *keywords(PyObject *m, PyObject *a, PyObject *k) {
    static char *names[] = {"a", "b", "c", "d", NULL};
    long x = 0;
    double y = 0.5;
    PyObject *z = Py_None;
    Py_ssize_t n = -1;
    if (!PyArg_ParseTupleAndKeywords(a, k, "l|d$On:keywords", names, &x, &y, &z, &n)) return NULL;
    return Py_BuildValue("{s:l,s:d,s:O,s:n}", "a", x, "b", y, "c", z, "d", n);
}
static PyObject *fastcall(PyObject *m, PyObject *const *a, Py_ssize_t n) {
    PyObject *l = PyList_New(n);
    for (Py_ssize_t i = 0; l && i < n; i++) PyList_SET_ITEM(l, n - 1 - i, Py_NewRef(a[i]));
    return l;
}
static PyObject *fastkeywords(PyObject *m, PyObject *const *a, Py_ssize_t n, PyObject *names) {
    PyObject *d = PyDict_New();
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++)
        if (PyDict_SetItem(d, PyTuple_GET_ITEM(names, i), a[n + i]) < 0) return NULL;
    return Py_BuildValue("nN", n, d);
}
static PyObject *allocate_int(PyObject *m, PyObject *n) { return PyLong_FromLong(2000); }
static PyObject *allocate_float(PyObject *m, PyObject *n) { return PyFloat_FromDouble(1.5); }
static PyObject *allocate_tuple(PyObject *m, PyObject *n) { return Py_BuildValue("(iis)", 1000, 2000, "x"); }
static PyObject *allocate_str(PyObject *m, PyObject *n) { return PyUnicode_FromFormat("%s-%d-%R-%05x", "text", 42, Py_None, 255); }
static PyObject *callback(PyObject *m, PyObject *a) {
    PyObject *f, *x;
    if (!PyArg_UnpackTuple(a, "callback", 2, 2, &f, &x)) return NULL;
    return PyObject_CallFunction(f, "(Oi)", x, 1);
}
static PyObject *catch(PyObject *m, PyObject *f) {
    PyObject *r = PyObject_CallNoArgs(f);
    if (r) return r;
    if (!PyErr_ExceptionMatches(PyExc_LookupError)) return NULL;
    PyErr_Clear();
    return PyUnicode_FromString("caught");
}
static PyObject *fail(PyObject *m, PyObject *o) { return PyErr_Format(PyExc_ValueError, "bad %.3s: %R (%zd)", "value", o, (Py_ssize_t)-3); }
/* Results of many types in turn: expectations about them are wrong now and then. */
static PyObject *vary(PyObject *m, PyObject *o) {
    long n = PyLong_AsLong(o);
    if (n == -1 && PyErr_Occurred()) return NULL;
    switch (n % 50) {
    case 7: return PyFloat_FromDouble(n * 0.25);
    case 13: return PyLong_FromUnsignedLongLong(~0ULL - n);
    case 19: return PyUnicode_FromFormat("s%ld", n);
    case 23: Py_RETURN_NONE;
    case 29: return PyBool_FromLong(n & 1);
    case 31: return Py_BuildValue("(ll)", n, n + 1);
    case 37: return PyErr_Format(PyExc_KeyError, "%ld", n);
    case 41: return PyLong_FromLongLong((1LL << 62) + n);
    default: return PyLong_FromLong(n - 60);
    }
}
/* A dict that C fills before and after Python sees it. */
static PyObject *dicts(PyObject *m, PyObject *f) {
    PyObject *d = PyDict_New(), *list = PyList_New(1), *n = PyLong_FromLong(1000), *k, *v;
    PyList_SET_ITEM(list, 0, PyLong_FromLong(2000));
    if (PyDict_SetItemString(d, "a", n) < 0 || PyDict_SetItemString(d, "b", list) < 0 || PyDict_SetItemString(d, "a", n) < 0) return NULL;
    Py_DECREF(n);
    Py_DECREF(list);
    PyObject *a = PyDict_GetItemString(d, "a");
    if (a != n || PyDict_Size(d) != 2 || PyDict_GetItemString(d, "x") || PyErr_Occurred()) return PyErr_Format(PyExc_AssertionError, "before");
    long sum = 0;
    for (Py_ssize_t i = 0; PyDict_Next(d, &i, &k, &v);) sum += PyUnicode_GET_LENGTH(k) + (PyLong_Check(v) ? PyLong_AsLong(v) : 1);
    PyObject *r = PyObject_CallOneArg(f, d);
    if (!r) { Py_DECREF(d); return NULL; }
    Py_DECREF(r);
    /* What was borrowed is still there, and equal to what is borrowed now. */
    if (PyLong_AsLong(PyDict_GetItemString(d, "a")) != 1000 || PyLong_AsLong(a) != 1000) return PyErr_Format(PyExc_AssertionError, "after");
    for (int i = 0; i < 12; i++) {
        PyObject *name = PyUnicode_FromFormat("n%d", i), *x = PyLong_FromLong(sum + i);
        if (PyDict_SetItem(d, name, x) < 0) return NULL;
        Py_DECREF(name);
        Py_DECREF(x);
    }
    return d;
}
/* Twelve keys of which one is no str; nobody else sees the dict before it is returned. */
static PyObject *mixed(PyObject *m, PyObject *o) {
    PyObject *d = PyDict_New();
    for (int i = 0; d && i < 12; i++) {
        PyObject *key = i == 5 ? Py_NewRef(o) : PyUnicode_FromFormat("k%d", i % 10);
        if (PyDict_SetItem(d, key, key) < 0) Py_CLEAR(d);
        Py_DECREF(key);
    }
    return d;
}
static PyObject *named(PyObject *m, PyObject *a, PyObject *k) { return k ? Py_NewRef(k) : PyDict_New(); }
/* Sums of ints, by both conventions that know names. */
static PyObject *total(PyObject *m, PyObject *const *a, Py_ssize_t n, PyObject *names) {
    long sum = 0;
    Py_ssize_t all = n + (names ? PyTuple_GET_SIZE(names) : 0);
    for (Py_ssize_t i = 0; i < all; i++) sum += PyLong_AsLong(a[i]);
    return PyErr_Occurred() ? NULL : PyLong_FromLong(sum);
}
static PyObject *total_dict(PyObject *m, PyObject *a, PyObject *k) {
    PyObject *name, *value;
    long sum = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(a); i++) sum += PyLong_AsLong(PyTuple_GET_ITEM(a, i));
    for (Py_ssize_t i = 0; k && PyDict_Next(k, &i, &name, &value);) sum += PyLong_AsLong(value);
    return PyErr_Occurred() ? NULL : PyLong_FromLong(sum);
}
static PyObject *null(PyObject *m, PyObject *n) { return NULL; }
static PyObject *both(PyObject *m, PyObject *n) { PyErr_SetString(PyExc_ValueError, "left over"); return PyLong_FromLong(5); }
/* Calls back, then gives an int. */
static PyObject *poke(PyObject *m, PyObject *const *a, Py_ssize_t n) {
    PyObject *r = PyObject_CallOneArg(a[0], a[1]);
    if (!r) return NULL;
    Py_DECREF(r);
    return PyLong_FromLong(n);
}
static PyObject *borrowed(PyObject *m, PyObject *a) {
    /* References of a list's and a dict's items stay valid as long as the containers hold them. */
    PyObject *l, *d, *f;
    long n;
    if (!PyArg_ParseTuple(a, "O!O!lO", &PyList_Type, &l, &PyDict_Type, &d, &n, &f)) return NULL;
    PyObject *x = PyList_GetItem(l, 0), *y = PyDict_GetItemString(d, "k");
    if (!x || !y) return NULL;
    long sum = 0;
    for (long i = 0; i < n; i++) {
        PyObject *r = PyObject_CallNoArgs(f);
        if (!r) return NULL;
        Py_DECREF(r);
        if (PyList_GetItem(l, 0) != x || PyDict_GetItemString(d, "k") != y) return PyErr_Format(PyExc_AssertionError, "moved");
        sum += PyLong_AsLong(x) + PyLong_AsLong(y);
    }
    return PyLong_FromLong(sum);
}
static PyObject *kept;
static PyObject *keep(PyObject *m, PyObject *o) { Py_INCREF(o); Py_XSETREF(kept, o); Py_RETURN_NONE; }
static PyObject *give(PyObject *m, PyObject *n) { return kept ? Py_NewRef(kept) : PyErr_Format(PyExc_LookupError, "nothing"); }
static PyObject *drop(PyObject *m, PyObject *n) { Py_CLEAR(kept); Py_RETURN_NONE; }

typedef struct { PyObject_HEAD PyObject *items; long count; double weight; } Box;
static long living;
static PyObject *box_new(PyTypeObject *t, PyObject *a, PyObject *k) {
    Box *b = (Box *)t->tp_alloc(t, 0);
    if (b) { b->items = PyList_New(0); b->weight = 2.5; living++; }
    return (PyObject *)b;
}
static int box_init(Box *b, PyObject *a, PyObject *k) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(a); i++)
        if (PyList_Append(b->items, PyTuple_GET_ITEM(a, i)) < 0) return -1;
    return 0;
}
static void box_dealloc(Box *b) { living--; Py_XDECREF(b->items); Py_TYPE(b)->tp_free((PyObject *)b); }
static PyObject *box_noargs(Box *b, PyObject *n) { b->count++; return PyLong_FromLong(b->count); }
static PyObject *box_onearg(Box *b, PyObject *o) { b->count++; return Py_NewRef(o); }
static PyObject *box_add(Box *b, PyObject *o) { if (PyList_Append(b->items, o) < 0) return NULL; return Py_NewRef((PyObject *)b); }
static Py_ssize_t box_len(Box *b) { return PyList_GET_SIZE(b->items); }
static PyObject *box_item(Box *b, Py_ssize_t i) {
    if (i < 0 || i >= PyList_GET_SIZE(b->items)) { PyErr_SetString(PyExc_IndexError, "box index out of range"); return NULL; }
    return Py_NewRef(PyList_GET_ITEM(b->items, i));
}
static PyObject *box_gather(Box *b, PyObject *const *a, Py_ssize_t n, PyObject *names) {
    PyObject *l = PyList_New(0);
    Py_ssize_t all = n + (names ? PyTuple_GET_SIZE(names) : 0);
    for (Py_ssize_t i = 0; l && i < all; i++) if (PyList_Append(l, a[i]) < 0) return NULL;
    return Py_BuildValue("(lNnO)", b->count, l, n, names ? names : Py_None);
}
static PyObject *box_collect(Box *b, PyObject *a, PyObject *k) { return Py_BuildValue("[OO]", a, k ? k : Py_None); }
static PyObject *box_repr(Box *b) { return PyUnicode_FromFormat("Box(%R)", b->items); }
static PyObject *box_plus(PyObject *a, PyObject *b) {
    if (!PyLong_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    return PyLong_FromSsize_t(box_len((Box *)a) + PyLong_AsLong(b));
}
static PyObject *box_compare(Box *a, PyObject *b, int op) {
    if (Py_TYPE(b) != Py_TYPE(a)) Py_RETURN_NOTIMPLEMENTED;
    return PyObject_RichCompare(a->items, ((Box *)b)->items, op);
}
static PyObject *box_get_size(Box *b, void *c) { return PyLong_FromSsize_t(box_len(b)); }
static PyMethodDef box_methods[] = {
    {"noargs", (PyCFunction)box_noargs, METH_NOARGS, "noargs()\n--\n\nCounts."},
    {"gather", (PyCFunction)box_gather, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"collect", (PyCFunction)box_collect, METH_VARARGS | METH_KEYWORDS, NULL},
    {"add", (PyCFunction)box_add, METH_O, NULL}, {"onearg", (PyCFunction)box_onearg, METH_O, NULL}, {NULL}};
static PyMemberDef box_members[] = {{"weight", T_DOUBLE, offsetof(Box, weight), 0, "how heavy"},
    {"count", T_LONG, offsetof(Box, count), READONLY, NULL}, {NULL}};
static PyGetSetDef box_getset[] = {{"size", (getter)box_get_size, NULL, "size", NULL}, {NULL}};
static PySequenceMethods box_sequence = {.sq_length = (lenfunc)box_len, .sq_item = (ssizeargfunc)box_item};
static PyNumberMethods box_number = {.nb_add = box_plus};
static PyTypeObject BoxType = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "calls.Box", .tp_basicsize = sizeof(Box),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_doc = "A box.", .tp_new = box_new, .tp_init = (initproc)box_init,
    .tp_dealloc = (destructor)box_dealloc, .tp_repr = (reprfunc)box_repr, .tp_methods = box_methods, .tp_members = box_members,
    .tp_getset = box_getset, .tp_as_sequence = &box_sequence, .tp_as_number = &box_number,
    .tp_richcompare = (richcmpfunc)box_compare, .tp_hash = PyObject_HashNotImplemented};
/* An iterator over the ints below its argument. */
typedef struct { PyObject_HEAD long at, end; } Counter;
static PyObject *counter_new(PyTypeObject *t, PyObject *a, PyObject *k) {
    long end;
    if (!PyArg_ParseTuple(a, "l:Counter", &end)) return NULL;
    Counter *c = (Counter *)t->tp_alloc(t, 0);
    if (c) c->end = end;
    return (PyObject *)c;
}
static PyObject *counter_next(Counter *c) { return c->at < c->end ? PyLong_FromLong(c->at++) : NULL; }
static void counter_dealloc(Counter *c) { Py_TYPE(c)->tp_free((PyObject *)c); }
static PyTypeObject CounterType = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "calls.Counter", .tp_basicsize = sizeof(Counter),
    .tp_flags = Py_TPFLAGS_DEFAULT, .tp_new = counter_new, .tp_dealloc = (destructor)counter_dealloc,
    .tp_iter = PyObject_SelfIter, .tp_iternext = (iternextfunc)counter_next};
static PyObject *count_living(PyObject *m, PyObject *n) { return PyLong_FromLong(living); }

static PyMethodDef methods[] = {{"noargs", noargs, METH_NOARGS, "noargs($module, /)\n--\n\nNothing."}, {"onearg", onearg, METH_O},
    {"varargs", varargs, METH_VARARGS}, {"keywords", (PyCFunction)keywords, METH_VARARGS | METH_KEYWORDS},
    {"fastcall", (PyCFunction)fastcall, METH_FASTCALL}, {"fastkeywords", (PyCFunction)fastkeywords, METH_FASTCALL | METH_KEYWORDS},
    {"allocate_int", allocate_int, METH_NOARGS}, {"allocate_float", allocate_float, METH_NOARGS},
    {"allocate_tuple", allocate_tuple, METH_NOARGS}, {"allocate_str", allocate_str, METH_NOARGS}, {"callback", callback, METH_VARARGS},
    {"vary", vary, METH_O}, {"total", (PyCFunction)total, METH_FASTCALL | METH_KEYWORDS},
    {"total_dict", (PyCFunction)total_dict, METH_VARARGS | METH_KEYWORDS},
    {"dicts", dicts, METH_O}, {"mixed", mixed, METH_O}, {"named", (PyCFunction)named, METH_VARARGS | METH_KEYWORDS},
    {"null", null, METH_NOARGS}, {"both", both, METH_NOARGS}, {"poke", (PyCFunction)poke, METH_FASTCALL}, {"catch", catch, METH_O}, {"fail", fail, METH_O}, {"borrowed", borrowed, METH_VARARGS}, {"keep", keep, METH_O},
    {"give", give, METH_NOARGS}, {"drop", drop, METH_NOARGS}, {"living", count_living, METH_NOARGS}, {NULL}};
static int exec(PyObject *m) {
    if (PyModule_AddType(m, &BoxType) < 0 || PyModule_AddType(m, &CounterType) < 0) return -1;
    PyObject *e = PyErr_NewException("calls.Error", PyExc_ValueError, NULL);
    if (PyModule_AddObjectRef(m, "Error", e) < 0) return -1;
    Py_DECREF(e);
    return PyModule_AddIntConstant(m, "ANSWER", 42);
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, .m_name = "calls", .m_doc = "Calls.", .m_methods = methods, .m_slots = slots};
PyMODINIT_FUNC PyInit_calls(void) { return PyModuleDef_Init(&def); }

/* Other names that the same file is loaded under. */
static PyModuleDef single_def = {PyModuleDef_HEAD_INIT, .m_name = "single", .m_size = -1, .m_methods = methods};
PyMODINIT_FUNC PyInit_single(void) { return PyModule_Create(&single_def); }
PyMODINIT_FUNC PyInit_silent(void) { return NULL; }
PyMODINIT_FUNC PyInit_loud(void) { PyErr_SetString(PyExc_OSError, "no such device"); return NULL; }
