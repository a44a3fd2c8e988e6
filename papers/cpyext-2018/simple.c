/* A module whose functions do nothing, so that what is timed is the way to them and back.
 *
 * The same functions are there as functions of the module and as methods of a type, whose instances also have a
 * length and items. It is written for the interface that CPython 3.9 and PyPy have in common. */
#include <Python.h>

static PyObject *noargs(PyObject *self, PyObject *none) { Py_RETURN_NONE; }
static PyObject *onearg(PyObject *self, PyObject *one) { Py_RETURN_NONE; }
static PyObject *varargs(PyObject *self, PyObject *all) { Py_RETURN_NONE; }

/* Above the ints that CPython keeps ready. */
static PyObject *allocate_int(PyObject *self, PyObject *none) { return PyLong_FromLong(2048); }
static PyObject *allocate_tuple(PyObject *self, PyObject *none) { return Py_BuildValue("(ii)", 2048, 2049); }

static PyMethodDef functions[] = {
    {"noargs", noargs, METH_NOARGS, "Takes nothing."},
    {"onearg", onearg, METH_O, "Takes one object."},
    {"varargs", varargs, METH_VARARGS, "Takes any number of objects, in a tuple."},
    {"allocate_int", allocate_int, METH_NOARGS, "Gives an int."},
    {"allocate_tuple", allocate_tuple, METH_NOARGS, "Gives a tuple of two ints."},
    {NULL, NULL, 0, NULL},
};

static Py_ssize_t length(PyObject *self) { return 42; }
static PyObject *item(PyObject *self, PyObject *key) { Py_RETURN_NONE; }

static PyMappingMethods mapping = {.mp_length = length, .mp_subscript = item};

static PyTypeObject FooType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "simple.Foo",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "A type with the same functions as methods.",
    .tp_as_mapping = &mapping,
    .tp_methods = functions,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "simple", .m_size = -1, .m_methods = functions};

PyMODINIT_FUNC PyInit_simple(void) {
    FooType.tp_new = PyType_GenericNew;
    if (PyType_Ready(&FooType) < 0) return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) return NULL;
    Py_INCREF(&FooType);
    if (PyModule_AddObject(module, "Foo", (PyObject *)&FooType) < 0) {
        Py_DECREF(&FooType);
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
