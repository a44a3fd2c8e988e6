/* Garbage that refers to itself through objects of both sides: container types with and without tp_traverse. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

enum { CELL, BOX, LAZARUS, PLAIN, CLOSER, NODE, KINDS };
static const char *names[KINDS] = {"Cell", "Box", "Lazarus", "Plain", "Closer", "Node"};
static long made[KINDS], gone[KINDS], cleared[KINDS], finalized[KINDS];
static PyObject *held, *risen;

/* All types have the same fields; what they do with them differs. */
typedef struct { PyObject_HEAD PyObject *a, *b, *refs; int alive; } Thing;
static void check(Thing *t) { if (t->alive != 4711) Py_FatalError("an object is used after it was destroyed"); }
static int thing_traverse(Thing *t, visitproc visit, void *arg) {
    check(t);
    Py_VISIT(t->a);
    Py_VISIT(t->b);
    return 0;
}
static int thing_clear(Thing *t, int kind) {
    check(t);
    cleared[kind]++;
    Py_CLEAR(t->a);
    Py_CLEAR(t->b);
    return 0;
}
static PyObject *thing_new(PyTypeObject *type, PyObject *args, int kind) {
    PyObject *a = NULL, *b = NULL;
    if (!PyArg_ParseTuple(args, "|OO", &a, &b)) return NULL;
    Thing *t = (Thing *)type->tp_alloc(type, 0);
    if (!t) return NULL;
    t->alive = 4711;
    t->a = Py_XNewRef(a);
    t->b = Py_XNewRef(b);
    made[kind]++;
    return (PyObject *)t;
}
static void thing_end(Thing *t, int kind) {
    check(t);
    if (t->refs) PyObject_ClearWeakRefs((PyObject *)t);
    Py_CLEAR(t->a);
    Py_CLEAR(t->b);
    t->alive = 0;
    gone[kind]++;
}
static PyMemberDef members[] = {{"a", T_OBJECT, offsetof(Thing, a)}, {"b", T_OBJECT, offsetof(Thing, b)},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Thing, refs), READONLY}, {NULL}};
#define GC_TYPE Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC

/* A static type. */
static PyObject *cell_new(PyTypeObject *t, PyObject *a, PyObject *k) { return thing_new(t, a, CELL); }
static int cell_clear(Thing *t) { return thing_clear(t, CELL); }
static void cell_dealloc(Thing *t) {
    PyObject_GC_UnTrack(t);
    thing_end(t, CELL);
    Py_TYPE(t)->tp_free(t);
}
static PyTypeObject CellType = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "cycles.Cell", .tp_basicsize = sizeof(Thing),
    .tp_flags = GC_TYPE, .tp_new = cell_new, .tp_dealloc = (destructor)cell_dealloc, .tp_traverse = (traverseproc)thing_traverse,
    .tp_clear = (inquiry)cell_clear, .tp_members = members, .tp_weaklistoffset = offsetof(Thing, refs)};

/* A heap type with a finalizer. */
static PyObject *box_new(PyTypeObject *t, PyObject *a, PyObject *k) { return thing_new(t, a, BOX); }
static int box_traverse(Thing *t, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(t));
    return thing_traverse(t, visit, arg);
}
static int box_clear(Thing *t) { return thing_clear(t, BOX); }
static void box_finalize(Thing *t) {
    check(t);
    finalized[BOX]++;
    /* What it refers to is whole: a function among it is called, and its error is nobody's. */
    if (t->b && PyCallable_Check(t->b)) {
        PyObject *r = PyObject_CallNoArgs(t->b);
        if (r) Py_DECREF(r);
        else PyErr_Clear();
    }
}
static void box_dealloc(Thing *t) {
    if (PyObject_CallFinalizerFromDealloc((PyObject *)t) < 0) return;
    PyObject_GC_UnTrack(t);
    thing_end(t, BOX);
    PyTypeObject *type = Py_TYPE(t);
    type->tp_free(t);
    Py_DECREF(type);
}
static PyType_Slot box_slots[] = {{Py_tp_new, box_new}, {Py_tp_traverse, box_traverse}, {Py_tp_clear, box_clear},
    {Py_tp_dealloc, box_dealloc}, {Py_tp_finalize, box_finalize}, {Py_tp_members, members}, {0}};
static PyType_Spec box_spec = {"cycles.Box", sizeof(Thing), 0, GC_TYPE, box_slots};

/* Its finalizer brings it back to life. */
static PyObject *lazarus_new(PyTypeObject *t, PyObject *a, PyObject *k) { return thing_new(t, a, LAZARUS); }
static int lazarus_clear(Thing *t) { return thing_clear(t, LAZARUS); }
static void lazarus_finalize(PyObject *o) {
    check((Thing *)o);
    finalized[LAZARUS]++;
    PyList_Append(risen, o);
}
static void lazarus_dealloc(Thing *t) {
    if (PyObject_CallFinalizerFromDealloc((PyObject *)t) < 0) return;
    PyObject_GC_UnTrack(t);
    thing_end(t, LAZARUS);
    Py_TYPE(t)->tp_free(t);
}
static PyTypeObject LazarusType = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "cycles.Lazarus", .tp_basicsize = sizeof(Thing),
    .tp_flags = GC_TYPE, .tp_new = lazarus_new, .tp_dealloc = (destructor)lazarus_dealloc,
    .tp_traverse = (traverseproc)thing_traverse, .tp_clear = (inquiry)lazarus_clear, .tp_finalize = lazarus_finalize,
    .tp_members = members, .tp_weaklistoffset = offsetof(Thing, refs)};

/* Nobody can look into it. */
static PyObject *plain_new(PyTypeObject *t, PyObject *a, PyObject *k) { return thing_new(t, a, PLAIN); }
static void plain_dealloc(Thing *t) {
    thing_end(t, PLAIN);
    Py_TYPE(t)->tp_free(t);
}
static PyTypeObject PlainType = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "cycles.Plain", .tp_basicsize = sizeof(Thing),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_new = plain_new, .tp_dealloc = (destructor)plain_dealloc,
    .tp_members = members, .tp_weaklistoffset = offsetof(Thing, refs)};

/* Its destructor calls `a`. */
static PyObject *closer_new(PyTypeObject *t, PyObject *a, PyObject *k) { return thing_new(t, a, CLOSER); }
static int closer_clear(Thing *t) { return thing_clear(t, CLOSER); }
static void closer_dealloc(Thing *t) {
    PyObject_GC_UnTrack(t);
    if (t->a) {
        PyObject *r = PyObject_CallNoArgs(t->a);
        if (r) Py_DECREF(r);
        else PyErr_WriteUnraisable(t->a);
    }
    thing_end(t, CLOSER);
    Py_TYPE(t)->tp_free(t);
}
static PyTypeObject CloserType = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "cycles.Closer", .tp_basicsize = sizeof(Thing),
    .tp_flags = GC_TYPE, .tp_new = closer_new, .tp_dealloc = (destructor)closer_dealloc,
    .tp_traverse = (traverseproc)thing_traverse, .tp_clear = (inquiry)closer_clear, .tp_members = members,
    .tp_weaklistoffset = offsetof(Thing, refs)};

/* Made by PyObject_GC_New, and never by the program. */
static int node_clear(Thing *t) { return thing_clear(t, NODE); }
static void node_dealloc(Thing *t) {
    PyObject_GC_UnTrack(t);
    thing_end(t, NODE);
    PyObject_GC_Del(t);
}
static PyTypeObject NodeType = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "cycles.Node", .tp_basicsize = sizeof(Thing),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, .tp_dealloc = (destructor)node_dealloc,
    .tp_traverse = (traverseproc)thing_traverse, .tp_clear = (inquiry)node_clear, .tp_members = members,
    .tp_weaklistoffset = offsetof(Thing, refs)};
static Thing *node_make(PyObject *a, PyObject *b, int track) {
    Thing *t = PyObject_GC_New(Thing, &NodeType);
    if (!t) return NULL;
    t->alive = 4711;
    t->refs = NULL;
    t->a = Py_XNewRef(a);
    t->b = Py_XNewRef(b);
    made[NODE]++;
    if (track) PyObject_GC_Track(t);
    return t;
}
static PyObject *node(PyObject *m, PyObject *args) {
    PyObject *a = NULL, *b = NULL;
    int track = 1;
    return PyArg_ParseTuple(args, "|OOp", &a, &b, &track) ? (PyObject *)node_make(a, b, track) : NULL;
}
/* A ring of n nodes of which C alone knows; the first one holds the object. */
static PyObject *ring(PyObject *m, PyObject *args) {
    PyObject *o;
    int n;
    if (!PyArg_ParseTuple(args, "Oi", &o, &n)) return NULL;
    Thing *first = node_make(o, NULL, 1), *last = first;
    for (int i = 1; i < n; i++) {
        Thing *next = node_make(NULL, NULL, 1);
        last->b = (PyObject *)next;
        last = next;
    }
    last->b = (PyObject *)first;
    Py_RETURN_NONE;
}
/* Containers made in C that hold the object. */
static PyObject *list_of(PyObject *m, PyObject *o) { return Py_BuildValue("[O]", o); }
static PyObject *tuple_of(PyObject *m, PyObject *o) { return PyTuple_Pack(1, o); }
static PyObject *dict_of(PyObject *m, PyObject *o) { return Py_BuildValue("{s:O}", "o", o); }
static PyObject *put_in(PyObject *m, PyObject *args) {
    PyObject *list, *o;
    if (!PyArg_ParseTuple(args, "O!O", &PyList_Type, &list, &o) || PyList_Append(list, o)) return NULL;
    Py_RETURN_NONE;
}
static PyObject *self_list(PyObject *m, PyObject *n) {
    PyObject *l = PyList_New(0);
    if (l && PyList_Append(l, l)) Py_CLEAR(l);
    return l;
}
static PyObject *hold(PyObject *m, PyObject *o) {
    Py_XSETREF(held, Py_NewRef(o));
    Py_RETURN_NONE;
}
/* What was held, in a list. */
static PyObject *let_go(PyObject *m, PyObject *n) {
    PyObject *o = held;
    held = NULL;
    return o ? o : PyList_New(0);
}
static PyObject *take_risen(PyObject *m, PyObject *n) {
    PyObject *all = PyList_GetSlice(risen, 0, PyList_Size(risen));
    if (PyList_SetSlice(risen, 0, PyList_Size(risen), NULL)) Py_CLEAR(all);
    return all;
}
static PyObject *is_tracked(PyObject *m, PyObject *o) { return PyBool_FromLong(PyObject_IS_GC(o) && PyObject_GC_IsTracked(o)); }
static PyObject *is_finalized(PyObject *m, PyObject *o) { return PyBool_FromLong(PyObject_IS_GC(o) && PyObject_GC_IsFinalized(o)); }
static PyObject *untrack(PyObject *m, PyObject *o) { PyObject_GC_UnTrack(o); Py_RETURN_NONE; }
static PyObject *counts(PyObject *m, PyObject *n) {
    PyObject *d = PyDict_New();
    for (int k = 0; d && k < KINDS; k++) {
        PyObject *v = Py_BuildValue("llll", made[k], gone[k], cleared[k], finalized[k]);
        if (!v || PyDict_SetItemString(d, names[k], v)) Py_CLEAR(d);
        Py_XDECREF(v);
    }
    return d;
}

static PyMethodDef functions[] = {
    {"node", node, METH_VARARGS}, {"ring", ring, METH_VARARGS}, {"list_of", list_of, METH_O}, {"tuple_of", tuple_of, METH_O},
    {"dict_of", dict_of, METH_O}, {"put_in", put_in, METH_VARARGS}, {"self_list", self_list, METH_NOARGS}, {"hold", hold, METH_O}, {"let_go", let_go, METH_NOARGS},
    {"take_risen", take_risen, METH_NOARGS}, {"is_tracked", is_tracked, METH_O}, {"is_finalized", is_finalized, METH_O},
    {"untrack", untrack, METH_O}, {"counts", counts, METH_NOARGS}, {NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "cycles", NULL, -1, functions};
PyMODINIT_FUNC PyInit_cycles(void) {
    PyObject *m = PyModule_Create(&def);
    PyTypeObject *types[] = {&CellType, &LazarusType, &PlainType, &CloserType, &NodeType};
    for (int i = 0; i < 5; i++)
        if (!m || PyModule_AddType(m, types[i])) return NULL;
    PyObject *box = PyType_FromSpec(&box_spec);
    if (!box || PyModule_AddObject(m, "Box", box)) return NULL;
    risen = PyList_New(0);
    return risen ? m : NULL;
}
