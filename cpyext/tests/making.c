/* Functions of the interface that make things: texts, code objects, traceback entries, modules, numbers as bytes. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>
#include <frameobject.h>
/* Where `f_lineno` is: Cython looks there too. */
#define Py_BUILD_CORE 1
#include <internal/pycore_frame.h>
#include <internal/pycore_call.h>
#include <stdarg.h>

/* A str made piece by piece: write(pieces), where a piece is a str, an int (a code point) or a tuple (str, from, to). */
static PyObject *write_pieces(PyObject *self, PyObject *args)
{
    _PyUnicodeWriter w;
    _PyUnicodeWriter_Init(&w);
    w.overallocate = 1;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        PyObject *piece = PyTuple_GET_ITEM(args, i);
        int r;
        if (PyLong_Check(piece)) {
            Py_UCS4 c = (Py_UCS4)PyLong_AsLong(piece);
            /* As C does it without a call when there is room. */
            r = _PyUnicodeWriter_Prepare(&w, 1, c);
            if (r == 0) {
                PyUnicode_WRITE(w.kind, w.data, w.pos, c);
                w.pos++;
            }
        } else if (PyBytes_Check(piece)) {
            r = _PyUnicodeWriter_WriteASCIIString(&w, PyBytes_AS_STRING(piece), PyBytes_GET_SIZE(piece));
        } else if (PyTuple_Check(piece)) {
            r = _PyUnicodeWriter_WriteSubstring(&w, PyTuple_GET_ITEM(piece, 0), PyLong_AsLong(PyTuple_GET_ITEM(piece, 1)),
                                                PyLong_AsLong(PyTuple_GET_ITEM(piece, 2)));
        } else {
            r = _PyUnicodeWriter_WriteStr(&w, piece);
        }
        if (r < 0) {
            _PyUnicodeWriter_Dealloc(&w);
            return NULL;
        }
    }
    return _PyUnicodeWriter_Finish(&w);
}

static PyObject *pack(PyObject *self, PyObject *args)
{
    double v;
    int size, little;
    char bytes[8];
    if (!PyArg_ParseTuple(args, "dip", &v, &size, &little))
        return NULL;
    int r = size == 2 ? PyFloat_Pack2(v, bytes, little) : size == 4 ? PyFloat_Pack4(v, bytes, little) : PyFloat_Pack8(v, bytes, little);
    if (r < 0)
        return NULL;
    double back = size == 2 ? PyFloat_Unpack2(bytes, little) : size == 4 ? PyFloat_Unpack4(bytes, little) : PyFloat_Unpack8(bytes, little);
    return Py_BuildValue("y#d", bytes, (Py_ssize_t)size, back);
}

/* Raises an error whose traceback says that it comes from a function in another language. */
static PyObject *fail(PyObject *self, PyObject *args)
{
    const char *file, *function;
    int line;
    PyObject *error;
    if (!PyArg_ParseTuple(args, "Ossi", &error, &file, &function, &line))
        return NULL;
    PyCodeObject *code = PyCode_NewEmpty(file, function, line);
    PyFrameObject *frame = PyFrame_New(PyThreadState_Get(), code, PyModule_GetDict(self), NULL);
    frame->f_lineno = line;
    PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    PyTraceBack_Here(frame);
    Py_DECREF(code);
    Py_DECREF(frame);
    return NULL;
}

static PyObject *code(PyObject *self, PyObject *args)
{
    int positional_only, positional, keyword_only, flags;
    PyObject *names, *name;
    if (!PyArg_ParseTuple(args, "iiiiOO", &positional_only, &positional, &keyword_only, &flags, &names, &name))
        return NULL;
    PyObject *empty = PyTuple_New(0), *bytes = PyBytes_FromStringAndSize("d\0S\0", 4), *nothing = PyBytes_FromString("");
    PyObject *consts = Py_BuildValue("(O)", Py_None), *file = PyUnicode_FromString("made.c");
    PyObject *made = (PyObject *)PyCode_NewWithPosOnlyArgs(positional, positional_only, keyword_only, (int)PyTuple_GET_SIZE(names),
        1, flags, bytes, consts, empty, names, empty, empty, file, name, name, 7, nothing, nothing);
    Py_DECREF(empty);
    Py_DECREF(bytes);
    Py_DECREF(nothing);
    Py_DECREF(consts);
    Py_DECREF(file);
    return made;
}

static PyObject *import_level(PyObject *self, PyObject *args)
{
    PyObject *name, *globals, *from;
    int level;
    if (!PyArg_ParseTuple(args, "OOOi", &name, &globals, &from, &level))
        return NULL;
    return PyImport_ImportModuleLevelObject(name, globals, NULL, from, level);
}

static PyObject *print_number(PyObject *self, PyObject *args)
{
    int size;
    double v;
    char text[64] = "unchanged";
    if (!PyArg_ParseTuple(args, "id", &size, &v))
        return NULL;
    int n = PyOS_snprintf(text, size, "%s %d %.3f", "n", 42, v);
    return Py_BuildValue("is", n, text);
}

static PyObject *number(PyObject *self, PyObject *text)
{
    double v = PyOS_string_to_double(PyUnicode_AsUTF8(text), NULL, PyExc_OverflowError);
    if (v == -1.0 && PyErr_Occurred())
        return NULL;
    return PyFloat_FromDouble(v);
}

static PyObject *lookup(PyObject *self, PyObject *args)
{
    PyObject *type, *name;
    if (!PyArg_ParseTuple(args, "OO", &type, &name))
        return NULL;
    PyObject *found = _PyType_Lookup((PyTypeObject *)type, name);
    if (found == NULL)
        Py_RETURN_NONE;
    Py_INCREF(found);
    return found;
}

static PyObject *generic(PyObject *self, PyObject *args)
{
    PyObject *o, *name, *dict;
    int suppress;
    if (!PyArg_ParseTuple(args, "OOOi", &o, &name, &dict, &suppress))
        return NULL;
    PyObject *r = _PyObject_GenericGetAttrWithDict(o, name, dict == Py_None ? NULL : dict, suppress);
    if (r == NULL && !PyErr_Occurred())
        return PyUnicode_FromString("nothing");
    return r;
}

static PyObject *alias(PyObject *self, PyObject *args)
{
    PyObject *origin, *arguments;
    if (!PyArg_ParseTuple(args, "OO", &origin, &arguments))
        return NULL;
    return Py_GenericAlias(origin, arguments);
}

static PyObject *class_method(PyObject *self, PyObject *f) { return PyClassMethod_New(f); }
static PyObject *static_method(PyObject *self, PyObject *f) { return PyStaticMethod_New(f); }

/* Texts: what the methods of str do. */
static PyObject *texts(PyObject *self, PyObject *args)
{
    PyObject *text, *separator;
    if (!PyArg_ParseTuple(args, "OO", &text, &separator))
        return NULL;
    Py_UCS4 points[8] = {0};
    PyObject *copied = PyUnicode_AsUCS4(text, points, 8, 1) ? PyLong_FromLong(points[1]) : NULL;
    if (copied == NULL) {
        PyErr_Clear();
        copied = PyUnicode_FromString("too long");
    }
    wchar_t wide[] = {'w', 0x20AC, 0x1F40D, 0};
    return Py_BuildValue("NNNNNNN", PyUnicode_RSplit(text, separator, 1), PyUnicode_Splitlines(text, 1),
                         PyUnicode_Partition(text, separator), PyUnicode_RPartition(text, separator), copied,
                         PyUnicode_FromWideChar(wide, -1), PyUnicode_FromWideChar(wide, 2));
}

/* Takes a text apart, one character at a time: the time must not depend on its length. */
static PyObject *apart(PyObject *self, PyObject *text)
{
    PyObject *all = PyList_New(0);
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); i++) {
        PyObject *c = PyUnicode_Substring(text, i, i + 1);
        if (c == NULL || PyList_Append(all, c) < 0)
            return NULL;
        Py_DECREF(c);
    }
    return all;
}

/* Weak references: one, what it refers to, a proxy. */
static PyObject *weak(PyObject *self, PyObject *args)
{
    PyObject *o, *callback;
    if (!PyArg_ParseTuple(args, "OO", &o, &callback))
        return NULL;
    PyObject *r = PyWeakref_NewRef(o, callback);
    if (r == NULL)
        return NULL;
    PyObject *seen = PyWeakref_GetObject(r);
    Py_INCREF(seen);
    return Py_BuildValue("NNN", r, seen, PyWeakref_NewProxy(o, NULL));
}

static PyObject *context_variable(PyObject *self, PyObject *args)
{
    const char *name;
    PyObject *first, *second, *none = NULL, *one = NULL, *two = NULL, *three = NULL;
    if (!PyArg_ParseTuple(args, "sOO", &name, &first, &second))
        return NULL;
    PyObject *bare = PyContextVar_New(name, NULL), *var = PyContextVar_New(name, first);
    if (PyContextVar_Get(bare, NULL, &none) < 0 || PyContextVar_Get(var, NULL, &one) < 0)
        return NULL;
    PyObject *token = PyContextVar_Set(var, second);
    if (PyContextVar_Get(var, NULL, &two) < 0 || PyContextVar_Reset(var, token) < 0 || PyContextVar_Get(var, second, &three) < 0)
        return NULL;
    Py_DECREF(token);
    Py_DECREF(bare);
    Py_DECREF(var);
    return Py_BuildValue("iNNN", none == NULL, one, two, three);
}

static PyObject *numbers(PyObject *self, PyObject *args)
{
    double v;
    PyObject *sequence, *keys;
    if (!PyArg_ParseTuple(args, "dOO", &v, &sequence, &keys))
        return NULL;
    PyObject *values[] = {Py_None, Py_True};
    PyObject *d = _PyStack_AsDict(values, keys), *pairs = Py_BuildValue("((si)(si))", "p", 1, "q", 2);
    if (PyDict_MergeFromSeq2(d, pairs, 1) < 0)
        return NULL;
    Py_DECREF(pairs);
    return Py_BuildValue("nnNN", _Py_HashDouble(NULL, v), _Py_HashBytes("bytes", 5), PySequence_InPlaceRepeat(sequence, 2), d);
}

/* Calls as headers and Cython do: by the pointer in the object if its type promises one. */
static PyObject *quick_call(PyObject *self, PyObject *args)
{
    PyObject *f = PyTuple_GET_ITEM(args, 0);
    PyTypeObject *type = Py_TYPE(f);
    vectorcallfunc quick = NULL;
    if (PyType_HasFeature(type, Py_TPFLAGS_HAVE_VECTORCALL))
        memcpy(&quick, (char *)f + type->tp_vectorcall_offset, sizeof quick);
    Py_ssize_t n = PyTuple_GET_SIZE(args) - 1;
    PyObject *const *items = &PyTuple_GET_ITEM(args, 1);
    if (quick != NULL)
        return quick(f, items, n, NULL);
    return _PyObject_MakeTpCall(PyThreadState_Get(), f, items, n, NULL);
}

static PyMethodDef functions[] = {
    {"write", write_pieces, METH_VARARGS},
    {"pack", pack, METH_VARARGS},
    {"fail", fail, METH_VARARGS},
    {"code", code, METH_VARARGS},
    {"import_level", import_level, METH_VARARGS},
    {"print_number", print_number, METH_VARARGS},
    {"number", number, METH_O},
    {"lookup", lookup, METH_VARARGS},
    {"generic", generic, METH_VARARGS},
    {"alias", alias, METH_VARARGS},
    {"texts", texts, METH_VARARGS},
    {"apart", apart, METH_O},
    {"weak", weak, METH_VARARGS},
    {"context_variable", context_variable, METH_VARARGS},
    {"numbers", numbers, METH_VARARGS},
    {"quick_call", quick_call, METH_VARARGS},
    {"class_method", class_method, METH_O},
    {"static_method", static_method, METH_O},
    {NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "making", NULL, -1, functions};

PyMODINIT_FUNC PyInit_making(void) { return PyModule_Create(&module); }
