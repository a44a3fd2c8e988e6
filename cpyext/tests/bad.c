/* Modules that go wrong in all the ways in which importing one can. The same file is loaded under many names. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#ifdef MISSING
/* No library defines this. */
extern int function_that_nobody_has(void);
PyMODINIT_FUNC PyInit_bad_symbol(void) { function_that_nobody_has(); return NULL; }
#else
#define MODULE(name, exec_body) \
    static int name##_exec(PyObject *m) exec_body \
    static PyModuleDef_Slot name##_slots[] = {{Py_mod_exec, name##_exec}, {0}}; \
    static PyModuleDef name##_def = {PyModuleDef_HEAD_INIT, .m_name = #name, .m_slots = name##_slots}; \
    PyMODINIT_FUNC PyInit_##name(void) { return PyModuleDef_Init(&name##_def); }
PyMODINIT_FUNC PyInit_silent(void) { return NULL; }
PyMODINIT_FUNC PyInit_loud(void) { PyErr_SetString(PyExc_OSError, "no such device"); return NULL; }
PyMODINIT_FUNC PyInit_unreported(void) { PyErr_SetString(PyExc_OSError, "left behind"); static PyModuleDef d = {PyModuleDef_HEAD_INIT, .m_name = "unreported", .m_size = -1}; PyObject *m = PyModule_Create(&d); PyErr_SetString(PyExc_OSError, "left behind"); return m; }
static PyModuleDef raw_def = {.m_name = "uninitialized"};
PyMODINIT_FUNC PyInit_uninitialized(void) { return (PyObject *)&raw_def; }
PyMODINIT_FUNC PyInit_number(void) { return PyLong_FromLong(70000); }
MODULE(exec_fails, { PyErr_SetString(PyExc_ValueError, "exec went wrong"); return -1; })
MODULE(exec_silent, { return -1; })
MODULE(exec_unreported, { PyErr_SetString(PyExc_ValueError, "nobody told"); return 0; })
static PyModuleDef_Slot unknown_slots[] = {{77, NULL}, {0}};
static PyModuleDef unknown_def = {PyModuleDef_HEAD_INIT, .m_name = "unknown_slot", .m_slots = unknown_slots};
PyMODINIT_FUNC PyInit_unknown_slot(void) { return PyModuleDef_Init(&unknown_def); }
static PyObject *create_null(PyObject *spec, PyModuleDef *def) { return NULL; }
static PyObject *create_error(PyObject *spec, PyModuleDef *def) { PyErr_SetString(PyExc_KeyError, "create"); return NULL; }
static PyModuleDef_Slot null_slots[] = {{Py_mod_create, create_null}, {0}}, error_slots[] = {{Py_mod_create, create_error}, {0}}, both_slots[] = {{Py_mod_create, create_null}, {Py_mod_create, create_null}, {0}};
static PyModuleDef null_def = {PyModuleDef_HEAD_INIT, .m_name = "create_null", .m_slots = null_slots}, error_def = {PyModuleDef_HEAD_INIT, .m_name = "create_error", .m_slots = error_slots},
    both_def = {PyModuleDef_HEAD_INIT, .m_name = "create_twice", .m_slots = both_slots}, single_slots_def = {PyModuleDef_HEAD_INIT, .m_name = "single_with_slots", .m_slots = null_slots},
    negative_def = {PyModuleDef_HEAD_INIT, .m_name = "negative_size", .m_size = -1, .m_slots = unknown_slots};
PyMODINIT_FUNC PyInit_create_null(void) { return PyModuleDef_Init(&null_def); }
PyMODINIT_FUNC PyInit_create_error(void) { return PyModuleDef_Init(&error_def); }
PyMODINIT_FUNC PyInit_create_twice(void) { return PyModuleDef_Init(&both_def); }
PyMODINIT_FUNC PyInit_negative_size(void) { return PyModuleDef_Init(&negative_def); }
PyMODINIT_FUNC PyInit_single_with_slots(void) { return PyModule_Create(&single_slots_def); }
static PyModuleDef old_def = {PyModuleDef_HEAD_INIT, .m_name = "old_api", .m_size = -1};
PyMODINIT_FUNC PyInit_old_api(void) { return PyModule_Create2(&old_def, 1007); }
PyMODINIT_FUNC PyInit_wrong_tag(void) { return NULL; }
MODULE(good, { return PyModule_AddIntConstant(m, "answer", 42); })
static int u_exec(PyObject *m) { return PyModule_AddIntConstant(m, "answer", 43); }
static PyModuleDef_Slot u_slots[] = {{Py_mod_exec, u_exec}, {0}};
static PyModuleDef u_def = {PyModuleDef_HEAD_INIT, .m_name = "b\303\274cher", .m_slots = u_slots};
PyMODINIT_FUNC PyInitU_bcher_kva(void) { return PyModuleDef_Init(&u_def); }
static PyModuleDef single_u_def = {PyModuleDef_HEAD_INIT, .m_name = "\303\251t\303\251", .m_size = -1};
PyMODINIT_FUNC PyInitU_t_9fab(void) { return PyModule_Create(&single_u_def); }
static PyObject *call_missing(PyObject *m, PyObject *n) { return (PyObject *)PyCode_Optimize(m, m, m, m); }
static PyMethodDef stub_methods[] = {{"call", call_missing, METH_NOARGS}, {NULL}};
static PyModuleDef stub_def = {PyModuleDef_HEAD_INIT, .m_name = "stubbed", .m_size = -1, .m_methods = stub_methods};
PyMODINIT_FUNC PyInit_stubbed(void) { return PyModule_Create(&stub_def); }
static PyTypeObject orphan = {PyVarObject_HEAD_INIT(NULL, 0).tp_basicsize = sizeof(PyObject)};
MODULE(nameless_type, { return PyType_Ready(&orphan); })
static PyType_Slot bad_slots[] = {{99, NULL}, {0}};
static PyType_Spec bad_spec = {"bad_spec.T", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, bad_slots};
MODULE(bad_spec, { PyObject *t = PyType_FromSpec(&bad_spec); return t ? 0 : -1; })
static PyType_Slot no_slots[] = {{0}};
static PyType_Spec final_spec = {"final_base.T", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, no_slots};
MODULE(final_base, { PyObject *t = PyType_FromSpecWithBases(&final_spec, (PyObject *)&PyBool_Type); return t ? 0 : -1; })
#endif
