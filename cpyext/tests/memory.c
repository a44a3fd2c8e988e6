/* Memory over the border: who keeps what, and what goes when. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

/* Ints go in and out. */
static PyObject *next(PyObject *m, PyObject *o) {
    long v = PyLong_AsLong(o);
    return v == -1 && PyErr_Occurred() ? NULL : PyLong_FromLong(v + 1);
}
static PyObject *add(PyObject *m, PyObject *const *a, Py_ssize_t n) {
    if (n != 2) return PyErr_Format(PyExc_TypeError, "two ints, not %zd", n);
    long x = PyLong_AsLong(a[0]), y = PyLong_AsLong(a[1]);
    return PyErr_Occurred() ? NULL : PyLong_FromLong(x + y);
}
static PyObject *see(PyObject *m, PyObject *o) { Py_RETURN_NONE; }

/* An object with memory of its own, which counts how often it is made and destroyed. */
typedef struct { PyObject_HEAD Py_ssize_t size; unsigned char *bytes; PyObject *other, *refs; } Block;
static long made, gone;
static PyObject *block_make(PyTypeObject *t, Py_ssize_t size) {
    Block *b = (Block *)t->tp_alloc(t, 0);
    if (!b) return NULL;
    b->size = size;
    b->bytes = PyMem_Malloc(size);
    if (!b->bytes) { Py_DECREF(b); return PyErr_NoMemory(); }
    memset(b->bytes, (int)(size % 251), size);
    made++;
    return (PyObject *)b;
}
static PyObject *block_new(PyTypeObject *t, PyObject *a, PyObject *k) {
    Py_ssize_t size = 0;
    return PyArg_ParseTuple(a, "|n:Block", &size) ? block_make(t, size) : NULL;
}
static void block_dealloc(Block *b) {
    if (b->refs) PyObject_ClearWeakRefs((PyObject *)b);
    gone++;
    for (Py_ssize_t i = 0; i < b->size; i += 512)
        if (b->bytes[i] != b->size % 251) Py_FatalError("a block's memory was overwritten");
    if (b->bytes) memset(b->bytes, 0xdd, b->size < 64 ? b->size : 64);
    PyMem_Free(b->bytes);
    Py_XDECREF(b->other);
    Py_TYPE(b)->tp_free((PyObject *)b);
}
static PyObject *block_sum(Block *b, PyObject *n) {
    long sum = 0;
    for (Py_ssize_t i = 0; i < b->size; i++) sum += b->bytes[i];
    return PyLong_FromLong(sum);
}
static PyMethodDef block_methods[] = {{"sum", (PyCFunction)block_sum, METH_NOARGS}, {NULL}};
static PyMemberDef block_members[] = {{"other", T_OBJECT, offsetof(Block, other)}, {"size", T_PYSSIZET, offsetof(Block, size), READONLY}, {NULL}};
static PyTypeObject BlockType = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "memory.Block", .tp_basicsize = sizeof(Block),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_new = block_new, .tp_dealloc = (destructor)block_dealloc,
    .tp_methods = block_methods, .tp_members = block_members, .tp_weaklistoffset = offsetof(Block, refs)};
static PyObject *make(PyObject *m, PyObject *o) {
    Py_ssize_t size = PyLong_AsSsize_t(o);
    return PyErr_Occurred() ? NULL : block_make(&BlockType, size);
}
/* Containers that C makes. */
static PyObject *containers(PyObject *m, PyObject *o) {
    return Py_BuildValue("[{s:O,s:[OO]}(Os)]", "key", o, "list", o, Py_None, o, "some text");
}
static PyObject *named(PyObject *m, PyObject *const *a, Py_ssize_t n, PyObject *names) {
    return PyLong_FromSsize_t(n + (names ? PyTuple_GET_SIZE(names) : 0));
}
static PyObject *named_dict(PyObject *m, PyObject *a, PyObject *k) {
    return PyLong_FromSsize_t(PyTuple_GET_SIZE(a) + (k ? PyDict_Size(k) : 0));
}
static PyObject *counts(PyObject *m, PyObject *n) { return Py_BuildValue("ll", made, gone); }

/* References of C alone. */
static PyObject **kept;
static Py_ssize_t kept_size, kept_room;
static PyObject *keep(PyObject *m, PyObject *o) {
    if (kept_size == kept_room) kept = realloc(kept, (kept_room = 2 * kept_room + 16) * sizeof *kept);
    kept[kept_size++] = Py_NewRef(o);
    return PyLong_FromSsize_t(kept_size - 1);
}
static PyObject *give(PyObject *m, PyObject *o) {
    Py_ssize_t i = PyLong_AsSsize_t(o);
    if (i < 0 || i >= kept_size) return PyErr_Format(PyExc_IndexError, "nothing is kept under %zd", i);
    return Py_NewRef(kept[i]);
}
static PyObject *release(PyObject *m, PyObject *n) {
    while (kept_size) Py_DECREF(kept[--kept_size]);
    Py_RETURN_NONE;
}

/* Borrowed references of items, held from one call to the next. */
static PyObject *of_list, *of_dict;
static long list_value, dict_value;
static int borrow(PyObject *a, PyObject **x, PyObject **y) {
    PyObject *l, *d;
    if (!PyArg_ParseTuple(a, "O!O!", &PyList_Type, &l, &PyDict_Type, &d)) return -1;
    *x = PyList_GetItem(l, 0);
    *y = PyDict_GetItemString(d, "k");
    return *x && *y ? 0 : -1;
}
static PyObject *lend(PyObject *m, PyObject *a) {
    if (borrow(a, &of_list, &of_dict) < 0) return NULL;
    list_value = PyLong_AsLong(of_list), dict_value = PyLong_AsLong(of_dict);
    Py_RETURN_NONE;
}
static PyObject *lent(PyObject *m, PyObject *a) {
    PyObject *x, *y;
    /* First as C has them, then as the containers give them now. */
    if (PyLong_AsLong(of_list) != list_value || PyLong_AsLong(of_dict) != dict_value) return PyErr_Format(PyExc_AssertionError, "another value");
    if (Py_REFCNT(of_list) < 1 || Py_REFCNT(of_dict) < 1) return PyErr_Format(PyExc_AssertionError, "freed");
    if (borrow(a, &x, &y) < 0) return NULL;
    return PyBool_FromLong(x == of_list && y == of_dict);
}
/* The same inside one call, with calls of the interpreter in between. */
static PyObject *borrowed(PyObject *m, PyObject *a) {
    PyObject *l, *d, *f;
    long n, sum = 0;
    if (!PyArg_ParseTuple(a, "O!O!lO", &PyList_Type, &l, &PyDict_Type, &d, &n, &f)) return NULL;
    PyObject *x = PyList_GetItem(l, 0), *y = PyDict_GetItemString(d, "k");
    if (!x || !y) return NULL;
    for (long i = 0; i < n; i++) {
        PyObject *r = PyObject_CallNoArgs(f);
        if (!r) return NULL;
        Py_DECREF(r);
        if (PyList_GetItem(l, 0) != x || PyDict_GetItemString(d, "k") != y) return PyErr_Format(PyExc_AssertionError, "moved");
        sum += PyLong_AsLong(x) - PyLong_AsLong(y);
    }
    return PyLong_FromLong(sum);
}

static PyMethodDef methods[] = {{"next", next, METH_O}, {"add", (PyCFunction)add, METH_FASTCALL}, {"see", see, METH_O}, {"make", make, METH_O},
    {"containers", containers, METH_O}, {"named", (PyCFunction)named, METH_FASTCALL | METH_KEYWORDS},
    {"named_dict", (PyCFunction)named_dict, METH_VARARGS | METH_KEYWORDS},
    {"counts", counts, METH_NOARGS}, {"keep", keep, METH_O}, {"give", give, METH_O}, {"release", release, METH_NOARGS},
    {"lend", lend, METH_VARARGS}, {"lent", lent, METH_VARARGS}, {"borrowed", borrowed, METH_VARARGS}, {NULL}};
static int exec(PyObject *m) { return PyModule_AddType(m, &BlockType); }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, .m_name = "memory", .m_methods = methods, .m_slots = slots};
PyMODINIT_FUNC PyInit_memory(void) { return PyModuleDef_Init(&def); }
