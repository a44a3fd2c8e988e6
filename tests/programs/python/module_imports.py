# Modules of the library that can be imported, with a word of what they do.
# stress: 20000
import ast
import email.message
import http.client
import importlib.metadata
import inspect
import secrets
import socket
import unittest.mock

node = ast.BinOp(left=ast.Constant(1), op=ast.Add(), right=ast.Name('x', ast.Load()))
print(ast.dump(node), ast.unparse(node), ast.BinOp._fields, ast.Constant(2).kind, issubclass(ast.Add, ast.operator))
try:
    ast.Add(1)
except TypeError as e:
    print(e)
mock = unittest.mock.Mock(return_value=3)
print(mock(1, a=2), mock.call_args, mock.called)
message = email.message.EmailMessage()
message['Subject'] = 'Caf\xe9'
message.set_content('text')
print(message.as_string())
print(socket.inet_aton('127.1'), socket.inet_ntoa(b'\x01\x02\x03\x04'), socket.htons(1), socket.AF_INET)
print(inspect.signature(lambda a, *, b=1: 0), len(secrets.token_hex(8)), http.client.responses[404])
