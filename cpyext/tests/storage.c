/* Containers that both sides read and write: lists, dicts, sets, strs, bytearrays, buffers. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* ---- lists, changed by macros as compilers of Python code do it */
static PyObject *list_put(PyObject *m, PyObject *a) {
    PyObject *l, *v;
    Py_ssize_t i;
    if (!PyArg_ParseTuple(a, "O!nO", &PyList_Type, &l, &i, &v)) return NULL;
    PyObject *old = PyList_GET_ITEM(l, i);
    PyList_SET_ITEM(l, i, Py_NewRef(v));
    Py_DECREF(old);
    Py_RETURN_NONE;
}
static PyObject *list_push(PyObject *m, PyObject *a) {
    /* Appends where there is room, else grows the array by itself. */
    PyObject *l, *v;
    if (!PyArg_ParseTuple(a, "O!O", &PyList_Type, &l, &v)) return NULL;
    PyListObject *s = (PyListObject *)l;
    Py_ssize_t n = Py_SIZE(l);
    if (n >= s->allocated) {
        Py_ssize_t room = n * 2 + 4;
        PyObject **items = PyMem_Realloc(s->ob_item, room * sizeof(PyObject *));
        if (!items) return PyErr_NoMemory();
        s->ob_item = items;
        s->allocated = room;
    }
    Py_INCREF(v);
    PyList_SET_ITEM(l, n, v);
    Py_SET_SIZE(l, n + 1);
    Py_RETURN_NONE;
}
static PyObject *list_drop(PyObject *m, PyObject *l) {
    Py_ssize_t n = Py_SIZE(l);
    if (!n) Py_RETURN_NONE;
    PyObject *v = PyList_GET_ITEM(l, n - 1);
    Py_SET_SIZE(l, n - 1);
    return v;
}
static PyObject *list_sum(PyObject *m, PyObject *l) {
    double sum = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(l); i++) {
        PyObject *v = PyList_GET_ITEM(l, i);
        sum += PyFloat_Check(v) ? PyFloat_AS_DOUBLE(v) : PyLong_Check(v) ? (double)PyLong_AsLongLong(v) : 0;
    }
    PyErr_Clear();
    return PyFloat_FromDouble(sum);
}
static PyObject *list_fill(PyObject *m, PyObject *n) {
    PyObject *l = PyList_New(PyLong_AsSsize_t(n));
    for (Py_ssize_t i = 0; l && i < PyList_GET_SIZE(l); i++) PyList_SET_ITEM(l, i, PyLong_FromSsize_t(i * 1000));
    return l;
}
static PyObject *list_api(PyObject *m, PyObject *l) {
    PyObject *x = PyUnicode_FromString("inserted"), *y = Py_BuildValue("[ii]", 7, 8);
    if (PyList_Insert(l, 1, x) < 0 || PyList_Insert(l, -100, x) < 0 || PyList_Append(l, x) < 0) return NULL;
    if (PyList_SetSlice(l, 2, 3, y) < 0 || PyList_SetItem(l, 0, Py_NewRef(y)) < 0) return NULL;
    PyObject *part = PyList_GetSlice(l, 1, 100);
    if (PyList_SetSlice(l, 4, 5, NULL) < 0 || PyList_Reverse(l) < 0) return NULL;
    Py_DECREF(x);
    Py_DECREF(y);
    PyObject *t = PyList_AsTuple(l);
    return Py_BuildValue("(NNn)", part, t, PyList_Size(l));
}
static PyObject *list_sort(PyObject *m, PyObject *l) {
    if (PyList_Sort(l) < 0) return NULL;
    Py_RETURN_NONE;
}
static PyObject *kept;
static PyObject *keep(PyObject *m, PyObject *o) {
    Py_XSETREF(kept, Py_NewRef(o));
    Py_RETURN_NONE;
}
static PyObject *give(PyObject *m, PyObject *n) { return Py_NewRef(kept ? kept : Py_None); }
static PyObject *drop(PyObject *m, PyObject *n) {
    Py_CLEAR(kept);
    Py_RETURN_NONE;
}
/* Works on the list that was kept in an earlier call. */
static PyObject *kept_push(PyObject *m, PyObject *v) {
    if (PyList_Append(kept, v) < 0) return NULL;
    return PyLong_FromSsize_t(PyList_GET_SIZE(kept));
}

/* ---- borrowed references: taken once, used much later */
static PyObject *loan[8];
static PyObject *borrow_list(PyObject *m, PyObject *l) {
    for (int i = 0; i < 4; i++) loan[i] = PyList_GetItem(l, i);
    Py_RETURN_NONE;
}
static PyObject *borrow_dict(PyObject *m, PyObject *d) {
    static const char *names[] = {"int", "float", "big", "object"};
    for (int i = 0; i < 4; i++)
        if (!(loan[4 + i] = PyDict_GetItemString(d, names[i]))) return PyErr_Format(PyExc_KeyError, "%s", names[i]);
    Py_RETURN_NONE;
}
static PyObject *lent(PyObject *m, PyObject *n) {
    PyObject *l = PyList_New(0);
    for (int i = 0; l && i < 8; i++)
        if (loan[i] && PyList_Append(l, loan[i]) < 0) return NULL;
    return l;
}
static PyObject *lent_sum(PyObject *m, PyObject *n) {
    long sum = 0;
    for (int i = 0; i < 8; i++)
        if (loan[i] && PyLong_CheckExact(loan[i])) sum += PyLong_AsLong(loan[i]) % 1000;
        else if (loan[i] && PyFloat_CheckExact(loan[i])) sum += (long)PyFloat_AS_DOUBLE(loan[i]);
    PyErr_Clear();
    return PyLong_FromLong(sum);
}
static PyObject *same_loans(PyObject *m, PyObject *a) {
    /* Asking again gives the same pointers. */
    PyObject *l, *d;
    if (!PyArg_ParseTuple(a, "OO", &l, &d)) return NULL;
    int same = 1;
    for (int i = 0; i < 4; i++) same &= loan[i] == PyList_GET_ITEM(l, i);
    return PyBool_FromLong(same && loan[4] == PyDict_GetItemString(d, "int") && loan[5] == PyDict_GetItemString(d, "float"));
}
static PyObject *stored(PyObject *m, PyObject *d) {
    /* What was put into a dict stays valid though this function gave its own references away. */
    PyObject *v = PyLong_FromLong(123456789), *f = PyFloat_FromDouble(2.5), *s = PyUnicode_FromString("stored text"),
             *b = PyBytes_FromString("stored bytes"), *t = Py_BuildValue("(is)", 100000, "in a tuple");
    if (PyDict_SetItemString(d, "v", v) < 0 || PyDict_SetItemString(d, "f", f) < 0 || PyDict_SetItemString(d, "s", s) < 0 ||
        PyDict_SetItemString(d, "b", b) < 0 || PyDict_SetItemString(d, "t", t) < 0)
        return NULL;
    PyObject *all[] = {v, f, s, b, t};
    for (int i = 0; i < 5; i++) Py_DECREF(all[i]);
    for (int i = 0; i < 2000; i++) Py_XDECREF(PyLong_FromLong(i + 5000)), Py_XDECREF(PyFloat_FromDouble(i)), Py_XDECREF(PyBytes_FromString("other bytes!"));
    return Py_BuildValue("OOOOO", v, f, s, b, t);
}
static PyObject *store_many(PyObject *m, PyObject *a) {
    /* Each number is read after its own reference is gone: the dict holds it. */
    PyObject *d;
    long n, sum = 0;
    if (!PyArg_ParseTuple(a, "Ol", &d, &n)) return NULL;
    for (long i = 0; i < n; i++) {
        PyObject *v = PyLong_FromLong(1000 + i), *f = PyFloat_FromDouble(i), *k = PyUnicode_FromFormat("key %ld", i % 7);
        if (PyDict_SetItem(d, k, v) < 0 || PyDict_SetItem(d, v, f) < 0 || PyDict_SetItemString(d, "last", f) < 0) return NULL;
        Py_DECREF(v);
        Py_DECREF(f);
        Py_DECREF(k);
        sum += PyLong_AsLong(v) + (long)PyFloat_AS_DOUBLE(f);
        if (PyDict_DelItem(d, v) < 0) return NULL;
        sum += (long)PyFloat_AS_DOUBLE(PyDict_GetItemString(d, "last"));
    }
    return PyLong_FromLong(sum);
}
static PyObject *next_items(PyObject *m, PyObject *d) {
    PyObject *k, *v, *l = PyList_New(0);
    Py_ssize_t at = 0;
    while (PyDict_Next(d, &at, &k, &v)) {
        PyObject *pair = PyTuple_Pack(2, k, v);
        PyList_Append(l, pair);
        Py_DECREF(pair);
    }
    return l;
}

/* ---- dicts, sets and strs: what C reads inline */
static PyObject *dict_used(PyObject *m, PyObject *d) { return PyLong_FromSsize_t(PyDict_GET_SIZE(d)); }
static PyObject *set_used(PyObject *m, PyObject *s) { return PyLong_FromSsize_t(PySet_GET_SIZE(s)); }
extern int _PySet_NextEntry(PyObject *, Py_ssize_t *, PyObject **, Py_hash_t *);
static PyObject *set_items(PyObject *m, PyObject *s) {
    PyObject *k, *l = PyList_New(0);
    Py_ssize_t at = 0;
    Py_hash_t h;
    int same = 1;
    while (_PySet_NextEntry(s, &at, &k, &h)) {
        PyList_Append(l, k);
        same &= h == PyObject_Hash(k);
    }
    PyList_Sort(l);
    return Py_BuildValue("Nin", l, same, PySet_Size(s));
}
static PyObject *set_filled(PyObject *m, PyObject *items) {
    PyObject *f = PyFrozenSet_New(NULL), *s = PySet_New(NULL);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); i++)
        if (PySet_Add(f, PyTuple_GET_ITEM(items, i)) < 0 || PySet_Add(s, PyTuple_GET_ITEM(items, i)) < 0) return NULL;
    int refused = PySet_Add(items, Py_None) < 0;
    PyErr_Clear();
    return Py_BuildValue("NNin", f, s, refused, PySet_GET_SIZE(f));
}
static PyDictObject *watched;
static uint64_t version;
static PyObject *watch(PyObject *m, PyObject *d) {
    Py_XSETREF(watched, (PyDictObject *)Py_NewRef(d));
    version = watched->ma_version_tag;
    Py_RETURN_NONE;
}
static PyObject *changed(PyObject *m, PyObject *n) {
    /* Whether the dict changed since the last time, and its size, without asking anybody. */
    int is = watched->ma_version_tag != version;
    version = watched->ma_version_tag;
    return Py_BuildValue("in", is, watched->ma_used);
}
static PyObject *watched_call(PyObject *m, PyObject *f) {
    /* The same while a callback runs. */
    uint64_t before = watched->ma_version_tag;
    PyObject *r = PyObject_CallNoArgs(f);
    if (!r) return NULL;
    return Py_BuildValue("Nin", r, watched->ma_version_tag != before, watched->ma_used);
}
static PyObject *cached_global(PyObject *m, PyObject *a) {
    /* As Cython looks up a global: the value is kept under the version. */
    static uint64_t seen;
    static PyObject *value;
    static int hits;
    PyObject *d, *name;
    if (!PyArg_ParseTuple(a, "O!U", &PyDict_Type, &d, &name)) return NULL;
    if (((PyDictObject *)d)->ma_version_tag == seen) hits++;
    else {
        value = PyDict_GetItemWithError(d, name);
        seen = ((PyDictObject *)d)->ma_version_tag;
    }
    if (!value) return PyErr_Format(PyExc_NameError, "%U", name);
    return Py_BuildValue("Oi", value, hits > 0);
}
static PyObject *hashes(PyObject *m, PyObject *o) {
    /* Of a str or bytes that nobody hashed yet: -1; then what hashing it gives. */
    PyObject *fresh = PyUnicode_Check(o) ? PyUnicode_FromFormat("%U!", o) : PyBytes_FromFormat("%s!", PyBytes_AsString(o));
    int text = PyUnicode_Check(o);
#define HASH(o) (text ? ((PyASCIIObject *)(o))->hash : ((PyBytesObject *)(o))->ob_shash)
    int unknown = HASH(fresh) == -1;
    Py_hash_t h = PyObject_Hash(fresh);
    int known = HASH(fresh) == h;
    Py_DECREF(fresh);
    fresh = text ? PyUnicode_FromString("a key") : PyBytes_FromString("a key");
    PyObject *d = PyDict_New();
    PyDict_SetItem(d, fresh, Py_None);
    int by_dict = HASH(fresh) != -1 && HASH(fresh) == PyObject_Hash(fresh);
    Py_DECREF(fresh);
    Py_DECREF(d);
    fresh = PyUnicode_InternFromString("to be interned");
    int by_interning = ((PyASCIIObject *)fresh)->hash != -1;
    Py_DECREF(fresh);
    return Py_BuildValue("iiii", unknown, known, by_dict, by_interning);
}
static PyObject *hash_of(PyObject *m, PyObject *o) {
    /* The hash as C sees it in the object. */
    return PyBool_FromLong((PyUnicode_Check(o) ? ((PyASCIIObject *)o)->hash : ((PyBytesObject *)o)->ob_shash) != -1);
}
static PyObject *hash_kept(PyObject *m, PyObject *n) { return hash_of(m, kept); }

/* ---- bytearrays and buffers */
static PyObject *bytes_upper(PyObject *m, PyObject *b) {
    char *p = PyByteArray_AS_STRING(b);
    for (Py_ssize_t i = 0; i < PyByteArray_GET_SIZE(b); i++) p[i] = Py_TOUPPER(p[i]);
    Py_RETURN_NONE;
}
static PyObject *bytearray_api(PyObject *m, PyObject *n) {
    PyObject *b = PyByteArray_FromStringAndSize("hello", 5), *e = PyByteArray_FromStringAndSize(NULL, 0);
    if (!b || !e || PyByteArray_Resize(b, 8) < 0) return NULL;
    memcpy(PyByteArray_AsString(b) + 5, "!!", 3);
    PyObject *c = PyByteArray_Concat(b, e), *f = PyByteArray_FromObject(c);
    return Py_BuildValue("(NNNNn)", b, e, c, f, PyByteArray_Size(f));
}
static Py_buffer held;
static PyObject *hold(PyObject *m, PyObject *a) {
    PyObject *o;
    int flags = PyBUF_WRITABLE;
    if (!PyArg_ParseTuple(a, "O|i", &o, &flags)) return NULL;
    if (PyObject_GetBuffer(o, &held, flags) < 0) return NULL;
    return Py_BuildValue("(niiiz)", held.len, (int)held.itemsize, held.readonly, held.ndim, held.format);
}
static PyObject *poke(PyObject *m, PyObject *a) {
    Py_ssize_t i;
    int c;
    if (!PyArg_ParseTuple(a, "ni", &i, &c)) return NULL;
    ((unsigned char *)held.buf)[i] = c;
    Py_RETURN_NONE;
}
static PyObject *peek(PyObject *m, PyObject *n) { return PyBytes_FromStringAndSize(held.buf, held.len); }
static PyObject *let_go(PyObject *m, PyObject *n) {
    PyBuffer_Release(&held);
    Py_RETURN_NONE;
}
static PyObject *take(PyObject *m, PyObject *a) {
    const char *how;
    PyObject *o;
    if (!PyArg_ParseTuple(a, "sO", &how, &o)) return NULL;
    PyObject *t = PyTuple_Pack(1, o), *r = NULL;
    Py_buffer b;
    const char *p;
    Py_ssize_t n;
    if (how[1] == '*' ? PyArg_ParseTuple(t, how, &b) : PyArg_ParseTuple(t, how, &p, &n)) {
        r = how[1] == '*' ? PyBytes_FromStringAndSize(b.buf, b.len) : PyBytes_FromStringAndSize(p, n);
        if (how[0] == 'w') memset(b.buf, '#', b.len);
        if (how[1] == '*') PyBuffer_Release(&b);
    }
    Py_DECREF(t);
    return r;
}
static PyObject *views(PyObject *m, PyObject *o) {
    static char memory[6] = "abcde";
    PyObject *a = PyMemoryView_FromMemory(memory, 5, PyBUF_WRITE), *b = PyMemoryView_FromObject(o);
    if (!a || !b) return NULL;
    Py_buffer *v = PyMemoryView_GET_BUFFER(b);
    PyObject *c = PyMemoryView_GetContiguous(b, PyBUF_READ, 'C');
    PyObject *copy = PyBytes_FromStringAndSize(NULL, v->len);
    if (PyBuffer_ToContiguous(PyBytes_AS_STRING(copy), v, v->len, 'C') < 0) return NULL;
    return Py_BuildValue("(NNNNnii)", a, b, c, copy, v->len, v->ndim, PyBuffer_IsContiguous(v, 'C'));
}
static PyObject *helpers(PyObject *m, PyObject *n) {
    Py_ssize_t shape[2] = {2, 3}, strides[2], index[2] = {1, 2};
    char data[6] = "012345";
    PyBuffer_FillContiguousStrides(2, shape, strides, 1, 'F');
    Py_buffer v = {.buf = data, .len = 6, .itemsize = 1, .ndim = 2, .format = "c", .shape = shape, .strides = strides};
    char *p = PyBuffer_GetPointer(&v, index), out[7] = "";
    int c = PyBuffer_IsContiguous(&v, 'C'), f = PyBuffer_IsContiguous(&v, 'F');
    PyBuffer_ToContiguous(out, &v, 6, 'C');
    return Py_BuildValue("(nnCiisn)", strides[0], strides[1], *p, c, f, out, PyBuffer_SizeFromFormat("<ih"));
}

/* ---- a type that exports its memory, with one dimension or two */
typedef struct { PyObject_HEAD int data[12]; Py_ssize_t shape[2], strides[2]; int dims, exports; } Grid;
static int grid_get(PyObject *o, Py_buffer *v, int flags) {
    Grid *g = (Grid *)o;
    *v = (Py_buffer){.buf = g->data, .obj = Py_NewRef(o), .len = 48, .itemsize = 4, .ndim = g->dims, .format = "i", .shape = g->shape, .strides = g->strides};
    g->exports++;
    return 0;
}
static void grid_release(PyObject *o, Py_buffer *v) { ((Grid *)o)->exports--; }
static PyObject *grid_new(PyTypeObject *t, PyObject *a, PyObject *k) {
    int dims = 1;
    if (!PyArg_ParseTuple(a, "|i", &dims)) return NULL;
    Grid *g = (Grid *)t->tp_alloc(t, 0);
    for (int i = 0; i < 12; i++) g->data[i] = i * 100;
    g->dims = dims;
    g->shape[0] = dims == 1 ? 12 : 3;
    g->shape[1] = 4;
    g->strides[0] = dims == 1 ? 4 : 16;
    g->strides[1] = 4;
    return (PyObject *)g;
}
static PyObject *grid_exports(PyObject *o, void *c) { return PyLong_FromLong(((Grid *)o)->exports); }
static PyObject *grid_data(PyObject *o, void *c) {
    PyObject *l = PyList_New(12);
    for (int i = 0; i < 12; i++) PyList_SET_ITEM(l, i, PyLong_FromLong(((Grid *)o)->data[i]));
    return l;
}
static PyGetSetDef grid_getset[] = {{"exports", grid_exports}, {"data", grid_data}, {NULL}};
static PyBufferProcs grid_buffer = {grid_get, grid_release};
static PyTypeObject GridType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "storage.Grid", .tp_basicsize = sizeof(Grid), .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = grid_new, .tp_as_buffer = &grid_buffer, .tp_getset = grid_getset,
};

/* ---- types of C below list, dict and bytearray share the storage of what they inherit from */
typedef struct { PyListObject list; long mark; } Rows;
typedef struct { PyDictObject dict; long mark; } Table;
typedef struct { PyByteArrayObject bytes; long mark; } Text;
#define BELOW(T, base_type) static PyTypeObject T##Type = { \
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "storage." #T, .tp_basicsize = sizeof(T), .tp_base = &base_type, \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE}
BELOW(Rows, PyList_Type);
BELOW(Table, PyDict_Type);
BELOW(Text, PyByteArray_Type);
static PyObject *rows(PyObject *m, PyObject *n) {
    /* Made and filled by C. */
    PyObject *l = PyObject_CallNoArgs((PyObject *)&RowsType);
    for (long i = 0; l && i < PyLong_AsLong(n); i++) {
        PyObject *v = PyLong_FromLong(i * 1000);
        if (PyList_Append(l, v) < 0) return NULL;
        Py_DECREF(v);
    }
    if (l) ((Rows *)l)->mark = 77;
    return l;
}
static PyObject *mark(PyObject *m, PyObject *l) { return PyLong_FromLong(((Rows *)l)->mark); }

static PyMethodDef methods[] = {
#define V(f) {#f, f, METH_VARARGS}
#define O(f) {#f, f, METH_O}
#define N(f) {#f, f, METH_NOARGS}
    V(list_put), V(list_push), O(list_drop), O(list_sum), O(list_fill), O(list_api), O(list_sort), O(keep), N(give), N(drop),
    O(kept_push), O(borrow_list), O(borrow_dict), N(lent), N(lent_sum), V(same_loans), O(stored), V(store_many), O(next_items), O(dict_used),
    O(set_used), O(set_items), O(set_filled), O(watch), N(changed), O(watched_call), V(cached_global), O(hashes), O(hash_of), N(hash_kept), O(bytes_upper),
    N(bytearray_api), V(hold), V(poke), N(peek), N(let_go), V(take), O(views), N(helpers), O(rows), O(mark), {NULL},
};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "storage", NULL, -1, methods};
PyMODINIT_FUNC PyInit_storage(void) {
    PyObject *m = PyModule_Create(&def);
    if (!m || PyModule_AddType(m, &GridType) < 0 || PyModule_AddType(m, &RowsType) < 0 || PyModule_AddType(m, &TableType) < 0 ||
        PyModule_AddType(m, &TextType) < 0)
        return NULL;
    return m;
}
