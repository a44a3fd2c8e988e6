/* Types of C: below each builtin, above and below classes of Python, with every kind of slot and attribute. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#define STATIC_TYPE(variable, name, size) PyTypeObject variable = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "types_in_c." name, \
    .tp_basicsize = size, .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE

/* ---- below list: fields behind the list's, its own repr that asks the list for its, a destructor that counts */
typedef struct { PyListObject list; long appended; PyObject *note; } Stack;
static long stacks;
static int stack_init(Stack *s, PyObject *a, PyObject *k) {
    if (PyList_Type.tp_init((PyObject *)s, a, k) < 0) return -1;
    s->appended = 100;
    return 0;
}
static PyObject *stack_new(PyTypeObject *t, PyObject *a, PyObject *k) {
    PyObject *o = PyList_Type.tp_new(t, a, k);
    if (o) stacks++;
    return o;
}
static void stack_dealloc(Stack *s) { stacks--; Py_CLEAR(s->note); PyList_Type.tp_dealloc((PyObject *)s); }
static PyObject *stack_repr(Stack *s) {
    PyObject *inner = PyList_Type.tp_repr((PyObject *)s);
    if (!inner) return NULL;
    PyObject *r = PyUnicode_FromFormat("Stack(%U, %ld)", inner, s->appended);
    Py_DECREF(inner);
    return r;
}
static PyObject *stack_push(Stack *s, PyObject *o) {
    if (PyList_Append((PyObject *)s, o) < 0) return NULL;
    s->appended++;
    return PyLong_FromSsize_t(PyList_Size((PyObject *)s));
}
static PyObject *stack_subscript(PyObject *s, PyObject *key) {
    if (PyUnicode_Check(key)) return PyUnicode_FromFormat("<%U>", key);
    return PyList_Type.tp_as_mapping->mp_subscript(s, key);
}
static Py_ssize_t stack_length(PyObject *s) { return PyList_Type.tp_as_sequence->sq_length(s); }
static PyObject *stack_iter(PyObject *s) { return PyList_Type.tp_iter(s); }
static PyMappingMethods stack_mapping = {.mp_subscript = stack_subscript, .mp_length = stack_length};
static PyMethodDef stack_methods[] = {{"push", (PyCFunction)stack_push, METH_O}, {NULL}};
static PyMemberDef stack_members[] = {{"appended", T_LONG, offsetof(Stack, appended)}, {"note", T_OBJECT_EX, offsetof(Stack, note)}, {NULL}};
static STATIC_TYPE(StackType, "Stack", sizeof(Stack)), .tp_base = &PyList_Type, .tp_new = stack_new, .tp_init = (initproc)stack_init,
    .tp_dealloc = (destructor)stack_dealloc, .tp_repr = (reprfunc)stack_repr, .tp_methods = stack_methods, .tp_members = stack_members,
    .tp_as_mapping = &stack_mapping, .tp_iter = stack_iter};

/* ---- below dict */
typedef struct { PyDictObject dict; long hits; } Counting;
static PyObject *counting_subscript(Counting *c, PyObject *key) {
    c->hits++;
    PyObject *r = PyDict_Type.tp_as_mapping->mp_subscript((PyObject *)c, key);
    if (r || !PyErr_ExceptionMatches(PyExc_KeyError)) return r;
    PyErr_Clear();
    return PyUnicode_FromString("absent");
}
static PyMappingMethods counting_mapping = {.mp_subscript = (binaryfunc)counting_subscript};
static PyMemberDef counting_members[] = {{"hits", T_LONG, offsetof(Counting, hits), READONLY}, {NULL}};
static STATIC_TYPE(CountingType, "Counting", sizeof(Counting)), .tp_base = &PyDict_Type, .tp_as_mapping = &counting_mapping,
    .tp_members = counting_members};

/* ---- below float, int, str, bytes, tuple, set: what each inherits, and one thing of its own */
typedef struct { PyFloatObject head; int unit; } Metres;
static PyObject *metres_new(PyTypeObject *t, PyObject *a, PyObject *k) {
    double v;
    int unit = 1;
    if (!PyArg_ParseTuple(a, "d|i", &v, &unit)) return NULL;
    Metres *m = (Metres *)t->tp_alloc(t, 0);
    if (m) { m->head.ob_fval = v; m->unit = unit; }
    return (PyObject *)m;
}
static PyObject *metres_add(PyObject *a, PyObject *b) {
    PyObject *sum = PyFloat_Type.tp_as_number->nb_add(a, b);
    if (!sum || sum == Py_NotImplemented) return sum;
    PyObject *r = PyObject_CallFunction((PyObject *)(Py_TYPE(a)->tp_as_number && Py_TYPE(a)->tp_as_number->nb_add == metres_add ? Py_TYPE(a) : Py_TYPE(b)), "O", sum);
    Py_DECREF(sum);
    return r;
}
static PyNumberMethods metres_number = {.nb_add = metres_add};
static PyMemberDef metres_members[] = {{"unit", T_INT, offsetof(Metres, unit)}, {NULL}};
static STATIC_TYPE(MetresType, "Metres", sizeof(Metres)), .tp_base = &PyFloat_Type, .tp_new = metres_new, .tp_as_number = &metres_number,
    .tp_members = metres_members};

static PyObject *flag_repr(PyObject *o) {
    PyObject *inner = PyLong_Type.tp_repr(o);
    PyObject *r = inner ? PyUnicode_FromFormat("Flag(%U)", inner) : NULL;
    Py_XDECREF(inner);
    return r;
}
static STATIC_TYPE(FlagType, "Flag", 0), .tp_base = &PyLong_Type, .tp_repr = flag_repr};

typedef struct { PyUnicodeObject text; PyObject *tag; } Tagged;
static PyObject *tagged_length(PyObject *o, PyObject *n) {
    Py_ssize_t spaces = 0;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(o); i++) spaces += PyUnicode_READ_CHAR(o, i) == ' ';
    return Py_BuildValue("nni", PyUnicode_GET_LENGTH(o), spaces, (int)PyUnicode_KIND(o));
}
static void tagged_dealloc(Tagged *t) { Py_CLEAR(t->tag); PyUnicode_Type.tp_dealloc((PyObject *)t); }
static PyMethodDef tagged_methods[] = {{"measure", tagged_length, METH_NOARGS}, {NULL}};
static PyMemberDef tagged_members[] = {{"tag", T_OBJECT, offsetof(Tagged, tag)}, {NULL}};
static STATIC_TYPE(TaggedType, "Tagged", sizeof(Tagged)), .tp_base = &PyUnicode_Type, .tp_methods = tagged_methods,
    .tp_members = tagged_members, .tp_dealloc = (destructor)tagged_dealloc};

static PyObject *blob_first(PyObject *o, PyObject *n) { return PyLong_FromLong(PyBytes_GET_SIZE(o) ? (unsigned char)PyBytes_AS_STRING(o)[0] : -1); }
static PyMethodDef blob_methods[] = {{"first", blob_first, METH_NOARGS}, {NULL}};
static STATIC_TYPE(BlobType, "Blob", 0), .tp_base = &PyBytes_Type, .tp_methods = blob_methods};

static PyObject *pair_swap(PyObject *o, PyObject *n) { return Py_BuildValue("OO", PyTuple_GET_ITEM(o, 1), PyTuple_GET_ITEM(o, 0)); }
static PyMethodDef pair_methods[] = {{"swap", pair_swap, METH_NOARGS}, {NULL}};
static STATIC_TYPE(PairType, "Pair", 0), .tp_base = &PyTuple_Type, .tp_methods = pair_methods};

typedef struct { PySetObject set; long limit; } Limited;
static PyMemberDef limited_members[] = {{"limit", T_LONG, offsetof(Limited, limit)}, {NULL}};
static STATIC_TYPE(LimitedType, "Limited", sizeof(Limited)), .tp_base = &PySet_Type, .tp_members = limited_members};

/* ---- exceptions */
typedef struct { PyBaseExceptionObject base; int code; } Failure;
static int failure_init(Failure *f, PyObject *a, PyObject *k) {
    f->code = (int)PyTuple_GET_SIZE(a) * 10;
    return ((PyTypeObject *)PyExc_ValueError)->tp_init((PyObject *)f, a, k);
}
static PyObject *failure_str(Failure *f) { return PyUnicode_FromFormat("failure %d of %zd", f->code, f->base.args ? PyTuple_GET_SIZE(f->base.args) : -1); }
static PyMemberDef failure_members[] = {{"code", T_INT, offsetof(Failure, code)}, {NULL}};
static STATIC_TYPE(FailureType, "Failure", sizeof(Failure)), .tp_init = (initproc)failure_init, .tp_str = (reprfunc)failure_str, .tp_members = failure_members};
static PyObject *fail(PyObject *m, PyObject *a) { PyErr_SetObject((PyObject *)&FailureType, a); return NULL; }

/* ---- a metatype with a field in each of its classes */
typedef struct { PyHeapTypeObject type; long made; } Meta;
static PyObject *meta_call(Meta *m, PyObject *a, PyObject *k) { m->made++; return PyType_Type.tp_call((PyObject *)m, a, k); }
static PyObject *meta_new(PyTypeObject *t, PyObject *a, PyObject *k) {
    Meta *m = (Meta *)PyType_Type.tp_new(t, a, k);
    if (m) m->made = 1000;
    return (PyObject *)m;
}
static PyMemberDef meta_members[] = {{"made", T_LONG, offsetof(Meta, made)}, {NULL}};
static STATIC_TYPE(MetaType, "Meta", sizeof(Meta)), .tp_base = &PyType_Type, .tp_call = (ternaryfunc)meta_call, .tp_new = meta_new, .tp_members = meta_members};

/* ---- plain structures: every kind of member, computed attributes, descriptors, order of making and destroying */
typedef struct {
    PyObject_HEAD char c, byte, truth; unsigned char ubyte; short s; unsigned short us; int i; unsigned int ui; long l; unsigned long ul;
    long long ll; unsigned long long ull; Py_ssize_t n; float f; double d; char *text; char inplace[8]; PyObject *o, *x, *dict, *refs;
} Fields;
static PyMemberDef fields_members[] = {{"c", T_CHAR, offsetof(Fields, c)}, {"byte", T_BYTE, offsetof(Fields, byte)}, {"truth", T_BOOL, offsetof(Fields, truth)},
    {"ubyte", T_UBYTE, offsetof(Fields, ubyte)}, {"s", T_SHORT, offsetof(Fields, s)}, {"us", T_USHORT, offsetof(Fields, us)}, {"i", T_INT, offsetof(Fields, i)},
    {"ui", T_UINT, offsetof(Fields, ui)}, {"l", T_LONG, offsetof(Fields, l)}, {"ul", T_ULONG, offsetof(Fields, ul)}, {"ll", T_LONGLONG, offsetof(Fields, ll)},
    {"ull", T_ULONGLONG, offsetof(Fields, ull)}, {"n", T_PYSSIZET, offsetof(Fields, n)}, {"f", T_FLOAT, offsetof(Fields, f)}, {"d", T_DOUBLE, offsetof(Fields, d)},
    {"text", T_STRING, offsetof(Fields, text)}, {"inplace", T_STRING_INPLACE, offsetof(Fields, inplace)}, {"o", T_OBJECT, offsetof(Fields, o)},
    {"x", T_OBJECT_EX, offsetof(Fields, x)}, {"none", T_NONE, 0}, {"fixed", T_INT, offsetof(Fields, i), READONLY, "cannot be set"}, {NULL}};
static char *log_text[64];
static int log_size;
static void note(char *what) { if (log_size < 64) log_text[log_size++] = what; }
static PyObject *fields_new(PyTypeObject *t, PyObject *a, PyObject *k) {
    note("new");
    Fields *f = (Fields *)t->tp_alloc(t, 0);
    if (f) { f->c = 'c'; f->text = "text"; strcpy(f->inplace, "inside"); }
    return (PyObject *)f;
}
static PyObject *fields_alloc(PyTypeObject *t, Py_ssize_t n) { note("alloc"); return PyType_GenericAlloc(t, n); }
static int fields_init(PyObject *o, PyObject *a, PyObject *k) { note("init"); return 0; }
static void fields_finalize(PyObject *o) { note("finalize"); }
static void fields_free(void *p) { note("free"); PyObject_Free(p); }
static void fields_dealloc(Fields *f) {
    if (PyObject_CallFinalizerFromDealloc((PyObject *)f) < 0) return;
    note("dealloc");
    if (f->refs) PyObject_ClearWeakRefs((PyObject *)f);
    Py_CLEAR(f->o); Py_CLEAR(f->x); Py_CLEAR(f->dict);
    Py_TYPE(f)->tp_free(f);
}
static PyObject *get_double(Fields *f, void *c) { return PyLong_FromLong(f->i * 2 + (long)c); }
static int set_double(Fields *f, PyObject *v, void *c) {
    if (!v) { PyErr_SetString(PyExc_TypeError, "cannot delete double"); return -1; }
    f->i = (int)PyLong_AsLong(v) / 2;
    return PyErr_Occurred() ? -1 : 0;
}
static PyGetSetDef fields_getset[] = {{"double", (getter)get_double, (setter)set_double, "twice i", NULL}, {"more", (getter)get_double, NULL, NULL, (void *)1},
    {"hidden", NULL, (setter)set_double, NULL, NULL}, {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict}, {NULL}};
static STATIC_TYPE(FieldsType, "Fields", sizeof(Fields)), .tp_doc = "Fields(x)\n--\n\nMany fields.", .tp_new = fields_new, .tp_init = fields_init,
    .tp_alloc = fields_alloc, .tp_free = fields_free, .tp_finalize = fields_finalize, .tp_dealloc = (destructor)fields_dealloc, .tp_members = fields_members, .tp_getset = fields_getset,
    .tp_dictoffset = offsetof(Fields, dict), .tp_weaklistoffset = offsetof(Fields, refs)};
static PyObject *take_log(PyObject *m, PyObject *n) {
    PyObject *l = PyList_New(0);
    for (int i = 0; i < log_size; i++) { PyObject *s = PyUnicode_FromString(log_text[i]); PyList_Append(l, s); Py_DECREF(s); }
    log_size = 0;
    return l;
}

/* A chain of bases, a descriptor, an iterator, an object with its own attributes. */
static PyObject *top_name(PyObject *o, PyObject *n) { return PyUnicode_FromString("top"); }
static PyObject *top_hello(PyObject *o, PyObject *n) { return PyUnicode_FromFormat("hello from %s", Py_TYPE(o)->tp_name); }
static PyObject *middle_name(PyObject *o, PyObject *n) { return PyUnicode_FromString("middle"); }
static PyMethodDef top_methods[] = {{"name", top_name, METH_NOARGS}, {"hello", top_hello, METH_NOARGS}, {NULL}};
static PyMethodDef middle_methods[] = {{"name", middle_name, METH_NOARGS}, {NULL}};
static PyObject *top_new(PyTypeObject *t, PyObject *a, PyObject *k) { return t->tp_alloc(t, 0); }
static Py_hash_t top_hash(PyObject *o) { return 77; }
static PyObject *top_compare(PyObject *a, PyObject *b, int op) {
    if (!PyObject_TypeCheck(b, Py_TYPE(a))) Py_RETURN_NOTIMPLEMENTED;
    return PyBool_FromLong(op == Py_EQ || op == Py_LE || op == Py_GE);
}
static STATIC_TYPE(TopType, "Top", sizeof(PyObject)), .tp_new = top_new, .tp_methods = top_methods, .tp_hash = top_hash, .tp_richcompare = top_compare};
static STATIC_TYPE(MiddleType, "Middle", sizeof(PyObject)), .tp_base = &TopType, .tp_methods = middle_methods};
static STATIC_TYPE(BottomType, "Bottom", sizeof(PyObject)), .tp_base = &MiddleType};
static STATIC_TYPE(OtherType, "Other", sizeof(PyObject)), .tp_base = &TopType, .tp_richcompare = top_compare};

static PyObject *descr_get(PyObject *d, PyObject *o, PyObject *t) { return PyUnicode_FromFormat("got %s %s", o ? "instance" : "NULL", t ? ((PyTypeObject *)t)->tp_name : "NULL"); }
static int descr_set(PyObject *d, PyObject *o, PyObject *v) {
    if (!v) { PyErr_SetString(PyExc_AttributeError, "not deleted"); return -1; }
    return PyObject_SetAttrString(o, "was_set", v);
}
static STATIC_TYPE(DescrType, "Descr", sizeof(PyObject)), .tp_new = top_new, .tp_descr_get = descr_get, .tp_descr_set = descr_set};

static PyObject *dyn_getattro(PyObject *o, PyObject *name) {
    PyObject *r = PyObject_GenericGetAttr(o, name);
    if (r || !PyErr_ExceptionMatches(PyExc_AttributeError)) return r;
    PyErr_Clear();
    return PyUnicode_FromFormat("dynamic %U", name);
}
static PyObject *last_set;
static int dyn_setattro(PyObject *o, PyObject *name, PyObject *v) { Py_XSETREF(last_set, Py_BuildValue("OO", name, v ? v : Py_None)); return 0; }
static PyObject *dyn_last(PyObject *o, PyObject *n) { return Py_NewRef(last_set ? last_set : Py_None); }
static PyObject *dyn_call(PyObject *o, PyObject *a, PyObject *k) { return Py_BuildValue("OO", a, k ? k : Py_None); }
static PyMethodDef dyn_methods[] = {{"last", dyn_last, METH_NOARGS}, {NULL}};
static STATIC_TYPE(DynType, "Dyn", sizeof(PyObject)), .tp_new = top_new, .tp_getattro = dyn_getattro, .tp_setattro = dyn_setattro, .tp_call = dyn_call, .tp_methods = dyn_methods};

/* ---- by specifications */
typedef struct { long answer; } State;
static PyObject *spec_state(PyObject *o, PyTypeObject *defining, PyObject *const *a, Py_ssize_t n, PyObject *names) {
    State *s = PyType_GetModuleState(defining);
    return s ? Py_BuildValue("lO", s->answer, PyType_GetModule(defining)) : NULL;
}
static PyObject *spec_by_def(PyObject *o, PyObject *n);
static PyMethodDef spec_methods[] = {{"state", (PyCFunction)spec_state, METH_METHOD | METH_FASTCALL | METH_KEYWORDS}, {"by_def", spec_by_def, METH_NOARGS}, {NULL}};
typedef struct { PyObject_HEAD PyObject *dict, *refs; int x; } Spec;
static PyMemberDef spec_members[] = {{"__dictoffset__", T_PYSSIZET, offsetof(Spec, dict), READONLY}, {"__weaklistoffset__", T_PYSSIZET, offsetof(Spec, refs), READONLY},
    {"x", T_INT, offsetof(Spec, x)}, {NULL}};
static void spec_dealloc(Spec *s) {
    PyTypeObject *t = Py_TYPE(s);
    if (s->refs) PyObject_ClearWeakRefs((PyObject *)s);
    Py_CLEAR(s->dict);
    t->tp_free(s);
    Py_DECREF(t);
}
static PyType_Slot spec_slots[] = {{Py_tp_doc, "By a specification."}, {Py_tp_methods, spec_methods}, {Py_tp_members, spec_members}, {Py_tp_dealloc, spec_dealloc}, {0}};
static PyType_Spec spec = {"types_in_c.Spec", sizeof(Spec), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, spec_slots};
static PyType_Slot final_slots[] = {{0}};
static PyType_Spec final_spec = {"types_in_c.Final", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, final_slots};
static PyType_Spec abstract_spec = {"types_in_c.Abstract", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, final_slots};

/* ---- what C sees of classes of Python */
static PyObject *use_slots(PyObject *m, PyObject *o) {
    /* Calls the slots of an object's type directly, as generated code does. */
    PyTypeObject *t = Py_TYPE(o);
    PyObject *r = PyDict_New(), *v;
#define PUT(name, value) do { v = value; if (!v) { v = PyErr_Occurred() ? Py_NewRef(PyErr_Occurred()) : PyUnicode_FromString("NULL"); PyErr_Clear(); } \
        PyDict_SetItemString(r, name, v); Py_DECREF(v); } while (0)
    if (t->tp_repr) PUT("repr", t->tp_repr(o));
    if (t->tp_str) PUT("str", t->tp_str(o));
    if (t->tp_hash) PUT("hash", PyLong_FromSsize_t(t->tp_hash(o)));
    PyErr_Clear();
    if (t->tp_as_sequence && t->tp_as_sequence->sq_length) PUT("length", PyLong_FromSsize_t(t->tp_as_sequence->sq_length(o)));
    if (t->tp_as_sequence && t->tp_as_sequence->sq_item) PUT("item", t->tp_as_sequence->sq_item(o, 1));
    if (t->tp_as_mapping && t->tp_as_mapping->mp_subscript) PUT("subscript", t->tp_as_mapping->mp_subscript(o, Py_None));
    if (t->tp_as_number && t->tp_as_number->nb_add) PUT("add", t->tp_as_number->nb_add(o, o));
    if (t->tp_as_number && t->tp_as_number->nb_bool) PUT("bool", PyBool_FromLong(t->tp_as_number->nb_bool(o)));
    if (t->tp_as_number && t->tp_as_number->nb_inplace_add) PUT("iadd", t->tp_as_number->nb_inplace_add(o, o));
    if (t->tp_iter) PUT("iter", t->tp_iter(o));
    if (t->tp_iternext && t->tp_iternext != _PyObject_NextNotImplemented) PUT("next", t->tp_iternext(o));
    if (t->tp_call) PUT("call", PyBool_FromLong(1));
    if (t->tp_descr_get) PUT("get", t->tp_descr_get(o, Py_None, (PyObject *)t));
    PyErr_Clear();
    PUT("equal", t->tp_richcompare(o, o, Py_EQ));
    PUT("name", PyUnicode_FromString(t->tp_name));
    return r;
}
static PyObject *filled(PyObject *m, PyObject *t) {
    PyTypeObject *type = (PyTypeObject *)t;
    return Py_BuildValue("iiiiiiiii", !!type->tp_call, !!type->tp_iter, type->tp_iternext && type->tp_iternext != _PyObject_NextNotImplemented, type->tp_as_number && type->tp_as_number->nb_add,
        type->tp_as_number && type->tp_as_number->nb_index, type->tp_as_sequence && type->tp_as_sequence->sq_item,
        type->tp_as_mapping && type->tp_as_mapping->mp_subscript, type->tp_as_mapping && type->tp_as_mapping->mp_ass_subscript, !!type->tp_descr_get);
}
static PyObject *make(PyObject *m, PyObject *a) {
    /* type->tp_new as C calls it */
    PyTypeObject *t = (PyTypeObject *)PyTuple_GET_ITEM(a, 0);
    PyObject *rest = PyTuple_GetSlice(a, 1, PyTuple_GET_SIZE(a)), *o = t->tp_new(t, rest, NULL);
    if (o && t->tp_init && t->tp_init(o, rest, NULL) < 0) Py_CLEAR(o);
    Py_DECREF(rest);
    return o;
}
static PyObject *in_dict(PyObject *m, PyObject *a) {
    PyObject *v = PyDict_GetItem(((PyTypeObject *)PyTuple_GET_ITEM(a, 0))->tp_dict, PyTuple_GET_ITEM(a, 1));
    return PyUnicode_FromString(v ? Py_TYPE(v)->tp_name : "missing");
}
static PyObject *add_to_dict(PyObject *m, PyObject *t) {
    PyObject *d = ((PyTypeObject *)t)->tp_dict, *one = PyLong_FromLong(1000), *two = PyUnicode_FromString("two");
    PyDict_SetItemString(d, "first_of_c", one);
    PyDict_SetItemString(d, "second_of_c", two);
    PyType_Modified((PyTypeObject *)t);
    Py_DECREF(one); Py_DECREF(two);
    Py_RETURN_NONE;
}
static PyObject *exception_classes(PyObject *m, PyObject *n) {
    PyObject *d = Py_BuildValue("{s:i}", "level", 3);
    PyObject *bases = PyTuple_Pack(2, PyExc_KeyError, PyExc_OSError);
    PyObject *a = PyErr_NewException("types_in_c.Plain", NULL, NULL), *b = PyErr_NewExceptionWithDoc("types_in_c.Both", "Two bases.", bases, d);
    PyObject *c = PyErr_NewException("nodot", NULL, NULL);
    if (c) return PyErr_Format(PyExc_AssertionError, "a name without a module");
    PyErr_Clear();
    return Py_BuildValue("NN", a, b);
}
static PyObject *capsules(PyObject *m, PyObject *n) {
    static int thing = 42;
    PyObject *c = PyCapsule_New(&thing, "types_in_c.thing", NULL);
    PyObject_SetAttrString(m, "thing", c);
    Py_DECREF(c);
    int *p = PyCapsule_Import("types_in_c.thing", 0);
    if (!p || PyCapsule_GetPointer(c, "other")) return PyErr_Format(PyExc_AssertionError, "wrong capsule");
    PyErr_Clear();
    return Py_BuildValue("iis", *p, PyCapsule_IsValid(c, "types_in_c.thing"), PyCapsule_GetName(c));
}
static PyStructSequence_Field point_fields[] = {{"x", "first"}, {"y", NULL}, {"hidden", "not in the tuple"}, {NULL}};
static PyStructSequence_Desc point_desc = {"types_in_c.Point", "A point.", point_fields, 2};
static PyTypeObject *PointType;
static PyObject *point(PyObject *m, PyObject *n) {
    PyObject *p = PyStructSequence_New(PointType);
    if (!p) return NULL;
    PyStructSequence_SET_ITEM(p, 0, PyLong_FromLong(1000));
    PyStructSequence_SetItem(p, 1, PyUnicode_FromString("why"));
    PyStructSequence_SET_ITEM(p, 2, PyFloat_FromDouble(2.5));
    return p;
}
static PyObject *count_stacks(PyObject *m, PyObject *n) { return PyLong_FromLong(stacks); }
static PyMethodDef methods[] = {{"fail", fail, METH_VARARGS}, {"log", take_log, METH_NOARGS}, {"use_slots", use_slots, METH_O}, {"filled", filled, METH_O},
    {"make", make, METH_VARARGS}, {"in_dict", in_dict, METH_VARARGS}, {"add_to_dict", add_to_dict, METH_O}, {"exception_classes", exception_classes, METH_NOARGS}, {"capsules", capsules, METH_NOARGS},
    {"point", point, METH_NOARGS}, {"stacks", count_stacks, METH_NOARGS}, {NULL}};
static int exec(PyObject *m) {
    FailureType.tp_base = (PyTypeObject *)PyExc_ValueError;
    PyTypeObject *all[] = {&StackType, &CountingType, &MetresType, &FlagType, &TaggedType, &BlobType, &PairType, &LimitedType, &FailureType, &MetaType,
        &FieldsType, &TopType, &MiddleType, &BottomType, &OtherType, &DescrType, &DynType, NULL};
    for (PyTypeObject **t = all; *t; t++) if (PyModule_AddType(m, *t) < 0) return -1;
    ((State *)PyModule_GetState(m))->answer = 42;
    PyType_Spec *specs[] = {&spec, &final_spec, &abstract_spec, NULL};
    for (PyType_Spec **s = specs; *s; s++) {
        PyObject *t = PyType_FromModuleAndSpec(m, *s, NULL);
        if (!t || PyModule_AddType(m, (PyTypeObject *)t) < 0) return -1;
        Py_DECREF(t);
    }
    PointType = PyStructSequence_NewType(&point_desc);
    return PointType ? PyModule_AddObjectRef(m, "Point", (PyObject *)PointType) : -1;
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, .m_name = "types_in_c", .m_size = sizeof(State), .m_methods = methods, .m_slots = slots};
static PyObject *spec_by_def(PyObject *o, PyObject *n) {
    PyObject *m = PyType_GetModuleByDef(Py_TYPE(o), &def);
    return m ? PyLong_FromLong(((State *)PyModule_GetState(m))->answer) : NULL;
}
PyMODINIT_FUNC PyInit_types_in_c(void) { return PyModuleDef_Init(&def); }
